"""Photographs with an orientation tag (EXIF)."""

import cv2
import numpy as np
import pytest
from PIL import Image

from depthdecomp_mm.apis import DepthInferencer, init_model

ORIENTATION = 0x0112


@pytest.fixture
def photo(tmp_path):
    """A photograph of 40 x 56 (H x W) that is to be turned by 90 degrees when it is shown."""
    array = cv2.resize(np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8), (56, 40))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.fromarray(array).save(tmp_path / 'photo.jpg', exif=exif)
    return tmp_path / 'photo.jpg'


def test_depth_is_in_the_sensors_orientation(inferencer, photo):
    assert inferencer(photo)['predictions'][0]['depth'].shape == (40, 56)


def test_upright_on_demand(config, photo):
    key = 'test_dataloader.dataset.pipeline.0.color_type'
    upright = DepthInferencer(init_model(config, cfg_options={key: 'color'}), show_progress=False)
    depth = upright(photo)['predictions'][0]['depth']
    assert depth.shape == (56, 40)
    turned = cv2.imread(str(photo), cv2.IMREAD_COLOR)  # OpenCV turns it
    np.testing.assert_array_equal(depth, upright(turned)['predictions'][0]['depth'])
