"""The camera of a prediction, where the network was trained with several."""

from __future__ import annotations

import copy

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from depthdecomp_mm.apis import DepthInferencer, Intrinsics
from depthdecomp_mm.apis.exif import exif_focal
from depthdecomp_mm.apis.export import export
from depthdecomp_mm.apis.exported.exportable import ExportableModel, ExportError
from depthdecomp_mm.errors import SampleError


@pytest.fixture(scope='module')
def canonical(model):
    model = copy.deepcopy(model)
    model.canonical_focal = 100.0
    model.codec.max_depth = 1e4
    return model


def depth_with(model, image, camera):
    inferencer = DepthInferencer(model, camera=camera, show_progress=False)
    return inferencer(image)['predictions'][0]['depth']


def test_depth_grows_with_the_focal_length(canonical, images):
    wide, long = (
        depth_with(canonical, images[0], lambda size, fx=fx: Intrinsics.from_focal(size, fx))
        for fx in (100.0, 300.0)
    )
    near = wide < 5  # beyond, resizing blends it with what is clamped
    np.testing.assert_allclose(long[near], 3 * wide[near], rtol=1e-4)


def test_photographs_tell_their_camera(canonical, images, tmp_path):
    exif = Image.Exif()
    exif[0x8769] = {0xA405: 26}
    photo = Image.fromarray(images[0][..., ::-1])
    photo.save(tmp_path / 'a.png', exif=exif)
    photo.save(tmp_path / 'b.png')
    width, height = photo.size
    focal = exif_focal(str(tmp_path / 'a.png'))
    assert focal == pytest.approx(26 * np.hypot(width, height) / np.hypot(36, 24))
    told = depth_with(canonical, str(tmp_path / 'a.png'), None)
    given = depth_with(canonical, images[0], lambda size: Intrinsics.from_focal(size, focal))
    np.testing.assert_allclose(told, given, rtol=1e-5)
    problems = []
    inferencer = DepthInferencer(canonical, show_progress=False)
    paths = [str(tmp_path / 'b.png'), str(tmp_path / 'a.png')]
    done = [p for p, _ in inferencer.iterate(paths, on_error=lambda *found: problems.append(found))]
    assert done == paths[1:]
    assert 'b.png: the network needs to know the camera' in str(problems[0][1])
    assert exif_focal(str(tmp_path / 'gone.png')) is None


def test_images_in_memory_need_a_camera(canonical, images):
    with pytest.raises(SampleError, match='an image in memory: the network needs to know'):
        depth_with(canonical, images[0], None)


def test_exports_are_of_a_camera(canonical, images, tmp_path):
    frame = cv2.resize(images[0], (128, 96))
    with pytest.raises(ExportError, match='needs the camera'):
        ExportableModel(canonical)
    camera = Intrinsics.from_focal((640, 480), 600.0)
    export(canonical, tmp_path / 'm.pt', frame, 'torchscript', dynamic_size=True, camera=camera)
    module = torch.jit.load(tmp_path / 'm.pt')
    for size in ((128, 96), (192, 128)):
        image = cv2.resize(images[0], size)
        batch = np.ascontiguousarray(image[None, ..., ::-1].transpose(0, 3, 1, 2), np.float32)
        inputs = canonical.data_preprocessor(
            dict(inputs=[torch.from_numpy(image.transpose(2, 0, 1))])
        )
        scale = 600 * np.sqrt(size[0] * size[1] / (640 * 480)) / 100
        with torch.no_grad():
            scales = torch.full((1, 1, 1, 1), scale, dtype=torch.float32)
            expected = canonical.decoded_outputs(inputs['inputs'], {'metric'}, scales)['metric']
            found = module(torch.from_numpy(batch))[..., ::1, ::1]
        expected = torch.nn.functional.interpolate(
            expected, found.shape[-2:], mode='bilinear', align_corners=True
        )
        torch.testing.assert_close(found, expected, rtol=2e-3, atol=1e-3)
