"""Cameras and point clouds."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from depthdecomp_mm.apis import CAMERAS, Intrinsics, unproject, write_point_cloud
from depthdecomp_mm.apis.point_cloud import VERTEX

CAMERA = Intrinsics(fx=50.0, fy=40.0, cx=15.5, cy=9.0, width=32, height=24)


def read_ply(path):
    """Header lines and vertices of a binary PLY file."""
    header, body = path.read_bytes().split(b'end_header\n')
    return header.decode().splitlines(), np.frombuffer(body, VERTEX)


def test_points_project_back_to_their_pixels():
    depth = np.random.default_rng(0).uniform(0.5, 5, (24, 32)).astype(np.float32)
    points = unproject(depth, CAMERA)
    matrix = np.array([[50.0, 0, 15.5], [0, 40.0, 9.0], [0, 0, 1]])
    pixels, _ = cv2.projectPoints(points.reshape(-1, 3), np.zeros(3), np.zeros(3), matrix, None)
    rows, columns = np.mgrid[:24, :32]
    np.testing.assert_allclose(
        pixels[:, 0], np.stack([columns.ravel(), rows.ravel()], axis=1), atol=1e-3
    )
    np.testing.assert_array_equal(points[..., 2], depth)


def test_camera_scales_with_the_image():
    """A plane at the same depth covers the same space in the image and in its half."""
    half = CAMERA.scaled_to(16, 12)
    assert (half.fx, half.fy) == (25.0, 20.0)
    assert half.horizontal_fov == pytest.approx(CAMERA.horizontal_fov)
    full = unproject(np.ones((24, 32), np.float32), CAMERA)
    small = unproject(np.ones((12, 16), np.float32), CAMERA)
    blocks = full.reshape(12, 2, 16, 2, 3).mean(axis=(1, 3))  # a pixel is the mean of four
    np.testing.assert_allclose(small, blocks, atol=1e-6)


def test_camera_of_other_proportions_warns():
    with pytest.warns(UserWarning, match='640 x 480 images used for 1280 x 720'):
        CAMERAS['nyu'].scaled_to(1280, 720)


def test_unknown_camera_warns_of_the_field_of_view():
    with pytest.warns(UserWarning, match='horizontal field of view of 60 degrees'):
        camera = Intrinsics.assumed((640, 480))
    assert camera.horizontal_fov == pytest.approx(60)
    assert (camera.cx, camera.cy) == (319.5, 239.5)


def test_known_cameras():
    assert CAMERAS['redwood'] == Intrinsics(525, 525, 319.5, 239.5, 640, 480)
    # the published principal point counts pixels from 1
    assert CAMERAS['nyu'].cx == pytest.approx(324.58244941119034)
    assert CAMERAS['nyu'].fy == pytest.approx(519.46961112127485)


@pytest.mark.parametrize('build', [lambda: Intrinsics(0, 1, 0, 0, 2, 2),
                                   lambda: Intrinsics.from_fov((2, 2), 180)])  # fmt: skip
def test_impossible_cameras(build):
    with pytest.raises(ValueError, match='expected'):
        build()


def test_file_holds_the_valid_points_and_their_colours(tmp_path):
    depth = np.ones((24, 32), np.float32)
    depth[0, :3] = 0, np.nan, np.inf
    depth[3, 5] = 2.5
    image = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    assert write_point_cloud(tmp_path / 'a.ply', depth, image, CAMERA) == 24 * 32 - 3
    header, vertices = read_ply(tmp_path / 'a.ply')
    assert 'element vertex 765' in header and len(vertices) == 765
    point = vertices[3 * 32 + 5 - 3]
    assert point['z'] == 2.5
    assert point['x'] == pytest.approx((5 - 15.5) / 50 * 2.5)  # left of the centre: negative
    assert point['y'] == pytest.approx((3 - 9) / 40 * 2.5)  # above: negative
    assert (point['blue'], point['green'], point['red']) == tuple(image[3, 5])


def test_image_and_depth_must_fit(tmp_path):
    with pytest.raises(ValueError, match=r'depth is \(24, 32\), but the image \(12, 16\)'):
        image = np.zeros((12, 16, 3), np.uint8)
        write_point_cloud(tmp_path / 'a.ply', np.ones((24, 32), np.float32), image, CAMERA)
    assert not (tmp_path / 'a.ply').exists()
