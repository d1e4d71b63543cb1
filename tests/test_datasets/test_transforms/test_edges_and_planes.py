"""Masks of edges and planes, from files to the metrics."""

import cv2
import numpy as np
import pytest
from mmengine.dataset import Compose

from depthdecomp_mm.datasets import CustomDepthDataset
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.evaluation import DepthBoundaryError, PlanarityError

SIZE = (48, 64)
STEPS = 'LoadImageFromFile LoadDepthAnnotation LoadEdgesAndPlanes PackDepthInputs'
PIPELINE = [dict(type=f'depthdecomp_mm.{name}') for name in STEPS.split()]


@pytest.fixture
def ibims(tmp_path):
    """A frame in the folders of iBims-1: a wall of two parts, 2 and 4 m away."""
    depth = np.full(SIZE, 2000, np.uint16)
    depth[:, 32:] = 4000
    edges, wall, floor = (np.zeros(SIZE, np.uint8) for _ in range(3))
    edges[1:-1, 31] = 255
    wall[:20, :32], wall[:20, 32:], floor[30:, :32] = 1, 2, 1
    transparent = np.full(SIZE, 255, np.uint8)
    transparent[:, :4] = 0
    maps = dict(
        rgb=np.zeros((*SIZE, 3), np.uint8),
        depth=depth,
        edges=edges,
        mask_wall=wall,
        mask_table=np.zeros(SIZE, np.uint8),
        mask_floor=floor,
        mask_invalid=np.full(SIZE, 255, np.uint8),
        mask_transp=transparent,
    )
    for folder, values in maps.items():
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / 'room.png'), values)
    (tmp_path / 'list.txt').write_text('rgb/room.png depth/room.png 60\n')
    return tmp_path


def load(folder):
    dataset = CustomDepthDataset(
        data_root=str(folder), ann_file='list.txt', depth_scale=1000, pipeline=PIPELINE
    )
    return dataset[0]['data_samples']


def test_masks_are_numbered_and_packed(ibims):
    sample = load(ibims)
    planes = sample.gt_plane_mask.data[0].numpy()
    assert [planes[5, 10], planes[5, 40], planes[40, 10], planes[25, 10]] == [1, 2, 3, 0]
    assert sample.gt_edge_mask.data.sum() == SIZE[0] - 2
    valid = sample.gt_valid_mask.data[0].numpy()
    assert not valid[:, :4].any() and valid[:, 4:].all()


def test_metrics_read_them(ibims):
    sample = load(ibims)
    sample.pred_depth_map = sample.gt_depth_map
    for metric in (DepthBoundaryError(), PlanarityError()):
        metric.process(None, [sample.to_dict()])
        found = metric.evaluate(1)
        assert all(value < 1 for value in found.values())


def test_a_missing_mask_is_named(ibims):
    (ibims / 'mask_table' / 'room.png').unlink()
    with pytest.raises(SampleError, match='mask_table/room.png'):
        Compose(PIPELINE[2:3])(
            dict(
                depth_map_path=str(ibims / 'depth' / 'room.png'),
                gt_depth_map=np.ones(SIZE, np.float32),
                gt_valid_mask=np.ones(SIZE, bool),
            )
        )
