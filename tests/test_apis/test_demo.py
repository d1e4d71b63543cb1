"""What the page of ``depthdecomp demo`` asks a network for, without the page."""

from __future__ import annotations

import json
import math
import os
import struct
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PILImage

from depthdecomp_mm.apis import CAMERAS, DepthInferencer, Intrinsics, Video, init_model
from depthdecomp_mm.apis.demo import DemoPredictor, build_page, camera_of, encode_glb, measure
from depthdecomp_mm.apis.demo import prediction as prediction_module
from depthdecomp_mm.apis.demo.camera import FIELD_OF_VIEW, FOCAL_LENGTH, FROM_FILE
from depthdecomp_mm.apis.demo.photograph_tab import files_of
from depthdecomp_mm.apis.demo.pictures import (
    NO_METRES,
    choose_point,
    enlargement,
    maps_of,
    picture_to_measure,
    summary_of,
)
from depthdecomp_mm.errors import SampleError, UserError

from .conftest import write_video
from .test_point_cloud import read_ply

ROTATED, FOCAL_35MM, EXIF, ORIENTATION = 6, 0xA405, 0x8769, 0x0112


@pytest.fixture
def predictor(inferencer, tmp_path):
    return DemoPredictor(inferencer, tmp_path / 'demo')


@pytest.fixture
def photograph(images, tmp_path):
    path = tmp_path / 'room.png'
    cv2.imwrite(str(path), images[0])
    return path


def write_tagged(path, image, orientation=1, focal=None):
    """A JPEG file with EXIF tags."""
    picture = PILImage.fromarray(image[..., ::-1])
    tags = picture.getexif()
    tags[ORIENTATION] = orientation
    if focal:
        tags.get_ifd(EXIF)[FOCAL_35MM] = focal
    picture.save(path, exif=tags, quality=95)
    return path


def test_distances():
    camera = Intrinsics(fx=50.0, fy=50.0, cx=0.0, cy=0.0, width=100, height=80)
    depth = np.full((80, 100), 2.0)
    depth[75, 0] = 6.0
    across = measure(depth, camera, (0, 0), (50, 0))
    assert across.distance == pytest.approx(2.0)
    slanted = measure(depth, camera, (0, 0), (0, 75))  # to 9 m down, and 4 m further away
    assert slanted.distance == pytest.approx(math.hypot(9, 4))
    assert slanted.depths == (2.0, 6.0)


@pytest.mark.parametrize(
    ('kind', 'number', 'focal'),
    [
        (FIELD_OF_VIEW, 90.0, 80.0),
        (FOCAL_LENGTH, 123.0, 123.0),
        ('nyu', None, CAMERAS['nyu'].fx / 4),
        (FROM_FILE, None, 80 / math.tan(math.radians(30))),
    ],
)
def test_cameras(photograph, kind, number, focal):
    camera, _ = camera_of(kind, number, photograph, (160, 120))
    assert camera.fx == pytest.approx(focal)


def test_the_camera_of_a_file(images, tmp_path):
    path = write_tagged(tmp_path / 'a.jpg', images[0], focal=35)
    camera, source = camera_of(FROM_FILE, None, path, (160, 120))
    assert camera.fx == pytest.approx(35 / math.hypot(36, 24) * 200) and 'EXIF' in source


@pytest.mark.parametrize(
    ('kind', 'number', 'message'),
    [(FIELD_OF_VIEW, None, 'number is missing'), (FIELD_OF_VIEW, 200.0, 'between 0 and 180')],
)
def test_no_camera(photograph, kind, number, message):
    with pytest.raises(UserError, match=message):
        camera_of(kind, number, photograph, (160, 120))


def test_a_photograph(predictor, photograph, inferencer):
    found = predictor.predict(photograph, FOCAL_LENGTH, 150.0)
    expected = inferencer(str(photograph))['predictions'][0]
    for key in ('depth', 'normalized', 'gradients', 'mean'):
        np.testing.assert_array_equal(found.result[key], expected[key])
    files = files_of(found)
    np.testing.assert_array_equal(np.load(files['_depth.npy']), expected['depth'])
    stored = cv2.imread(files['_depth.png'], cv2.IMREAD_UNCHANGED)
    np.testing.assert_allclose(stored / 1000, expected['depth'], atol=6e-4)
    _, points = read_ply(Path(files['.ply']))
    assert len(points) == 160 * 120
    x = (np.arange(160) - 79.5) / 150 * expected['depth']
    np.testing.assert_allclose(points['x'], x.ravel(), atol=1e-5)
    assert json.loads(Path(files['.json']).read_text())['files']['room.ply']['camera']['fx'] == 150
    assert found.surface.read_bytes()[:4] == b'glTF'


def test_a_photograph_is_turned_upright(predictor, images, tmp_path):
    path = write_tagged(tmp_path / 'a.jpg', images[0], orientation=ROTATED)
    found = predictor.predict(path)
    assert found.image.shape == (160, 120, 3) and found.result['depth'].shape == (160, 120)
    difference = found.image.astype(int) - np.rot90(images[0], -1)
    assert np.abs(difference).mean() < 5
    assert found.camera.width == 120


def test_a_large_photograph_is_made_smaller(predictor, photograph, monkeypatch):
    monkeypatch.setattr(prediction_module, 'MOST_PIXELS', 80 * 60)
    found = predictor.predict(photograph, FOCAL_LENGTH, 150.0)
    assert found.image.shape == (60, 80, 3)
    assert found.camera.fx == pytest.approx(75)


def test_the_camera_reaches_the_network(config, model, tmp_path, photograph):
    ours = init_model(config, cfg_options={'model.canonical_focal': 100.0})
    ours.load_state_dict(model.state_dict())
    predictor = DemoPredictor(DepthInferencer(ours, show_progress=False), tmp_path)
    near, far = (
        predictor.predict(photograph, FOCAL_LENGTH, focal).result['depth'] for focal in (60, 90)
    )
    np.testing.assert_allclose(far / near, 1.5, rtol=1e-4)
    video = write_video(tmp_path / 'walk.avi', [cv2.imread(str(photograph))])
    assert predictor.predict_video(video, FOCAL_LENGTH, 60).is_file()


def test_what_is_no_photograph(predictor, tmp_path):
    path = tmp_path / 'a.png'
    path.write_bytes(b'nothing')
    with pytest.raises(SampleError, match='a.png: cannot be read as an image'):
        predictor.predict(path)


def test_a_video_for_browsers(predictor, images, tmp_path):
    source = write_video(tmp_path / 'walk.avi', images[:2])
    target = predictor.predict_video(source)
    assert target.suffix == '.webm'
    frames = list(Video(str(target)))
    assert len(frames) == 2 and frames[0].shape == (120, 320, 3)
    np.testing.assert_allclose(frames[0][:, :160].mean((0, 1)), images[0].mean((0, 1)), atol=6)


def test_files_go_after_an_hour(predictor, photograph):
    first = predictor.predict(photograph).files[0]
    assert first.exists()
    predictor.predict(photograph)
    assert first.exists()
    os.utime(first.parent, (0, 0))
    predictor.predict(photograph)
    assert not first.exists()


def test_points_and_pictures(predictor, photograph):
    found = predictor.predict(photograph, FIELD_OF_VIEW, 60.0)
    times = enlargement(found)
    assert times == 6
    picture, words = picture_to_measure(found, [])
    assert picture.shape == (720, 960, 3) and words == 'Click two points of the photograph.'
    one = choose_point(found, [], (6 * 20 + 5, 6 * 30))
    two = choose_point(found, one, (1e6, -3))
    assert two == [(20, 30), (159, 0)]
    assert choose_point(found, two, (0, 0)) == [(0, 0)]
    drawn, words = picture_to_measure(found, two)
    expected = measure(found.result['depth'], found.camera, *two)
    assert words.startswith(f'{expected.distance:.2f} m apart')
    changed = (drawn != picture).any(2)
    assert changed[30 * 6 - 10 : 30 * 6 + 20, 20 * 6 - 10 : 20 * 6 + 20].any()
    assert list(maps_of(found)) == ['depth', 'normalized', 'gradient_x', 'gradient_y']
    summary = summary_of(found)
    assert '60° wide' in summary and f'{np.median(found.result["depth"]):.2f} m' in summary


def test_a_network_without_metres(config, tmp_path, photograph):
    model = init_model(config, phase='phase1')
    predictor = DemoPredictor(DepthInferencer(model, show_progress=False), tmp_path)
    found = predictor.predict(photograph)
    assert found.surface is None and set(files_of(found)) == {'_normalized.npy', '.json'}
    assert picture_to_measure(found, [(1, 1), (2, 2)])[1] == NO_METRES
    assert NO_METRES in summary_of(found)
    assert list(maps_of(found)) == ['normalized']


def read_glb(content):
    """Corners, colours and triangles of a file, as a reader of its own sees them."""
    magic, version, length = struct.unpack_from('<4sII', content)
    assert (magic, version, length) == (b'glTF', 2, len(content))
    size, kind = struct.unpack_from('<I4s', content, 12)
    assert kind == b'JSON' and size % 4 == 0
    scene = json.loads(content[20 : 20 + size])
    binary_size, kind = struct.unpack_from('<I4s', content, 20 + size)
    assert kind == b'BIN\0' and 28 + size + binary_size == len(content)
    binary = content[28 + size :]
    arrays = []
    for accessor, dtype, width in zip(
        scene['accessors'], ('<f4', '<u2', '<u4'), (3, 4, 1), strict=True
    ):
        view = scene['bufferViews'][accessor['bufferView']]
        part = binary[view['byteOffset'] : view['byteOffset'] + view['byteLength']]
        arrays.append(np.frombuffer(part, dtype).reshape(-1, width))
        assert len(arrays[-1]) == accessor['count']
    return *arrays, scene['accessors'][0]


def test_the_surface_is_torn_between_near_and_far():
    camera = Intrinsics(fx=10.0, fy=10.0, cx=0.0, cy=0.0, width=8, height=4)
    depth = np.full((4, 8), 1.0, np.float32)
    depth[:, 4:] = 5.0
    depth[0, 0] = 0
    image = np.zeros((4, 8, 3), np.uint8)
    image[..., 2] = 255  # red
    points, colors, indices, bounds = read_glb(encode_glb(depth, image, camera))
    corners = points[indices.ravel()].reshape(-1, 3, 3)
    # three columns are whole on the near side but for a corner, four on the far one
    assert len(corners) == 2 * 3 * 2 - 1 + 3 * 3 * 2
    assert set(np.ptp(corners[..., 2], axis=1)) == {0.0}
    np.testing.assert_allclose(points[9], [0.1, -0.1, -1.0])  # y up, the camera looks along -z
    assert (colors[9] == (65535, 0, 0, 65535)).all()
    np.testing.assert_allclose(bounds['min'], corners.reshape(-1, 3).min(0))
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (normals[:, 2] > 0).all()  # towards the camera


def test_large_surfaces_are_thinned():
    camera = Intrinsics.from_fov((600, 400), 60.0)
    depth = np.full((400, 600), 2.0, np.float32)
    points, *_ = read_glb(encode_glb(depth, np.zeros((400, 600, 3), np.uint8), camera))
    assert 40_000 < len(points) <= 60_000


def test_without_gradio(monkeypatch, tool, predictor):
    monkeypatch.setitem(sys.modules, 'gradio', None)
    with pytest.raises(UserError, match=r'needs gradio .*pip install depthdecomp_mm\[demo\]'):
        build_page(predictor)
    with pytest.raises(UserError, match='needs gradio'):
        tool('demo/demo')(['--checkpoint', 'nothing.pth'])
