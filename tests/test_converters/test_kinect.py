"""The Kinect's geometry against a real instant and hand-made points."""

import cv2
import numpy as np
import pytest

from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.datasets.converters import kinect
from tests.mini_sets import raw_disparity, scene, write_pgm, write_ppm


def test_real_frame_agrees_with_the_synchronised_one(real_rgbd):
    color = kinect.read_color(real_rgbd / 'nyu_raw/color.ppm')
    disparity = kinect.read_disparity(real_rgbd / 'nyu_raw/depth.pgm')
    image, depth = kinect.align(color, disparity)
    expected = cv2.imread(str(real_rgbd / 'nyu_sync/sync_depth_00000.png'), -1) / 1000
    both = (expected > 0) & (depth > 0)
    error = np.abs(depth - expected)[both]
    assert both.sum() >= 0.995 * (expected > 0).sum()
    assert np.median(error) <= 0.006
    assert np.percentile(error, 90) <= 0.021

    reference = cv2.imread(str(real_rgbd / 'nyu_sync/rgb_00000.jpg'))
    blurred = [cv2.GaussianBlur(i, (0, 0), 2)[20:-20, 20:-20] for i in (image, reference)]
    grey = [np.ascontiguousarray(cv2.cvtColor(i, cv2.COLOR_BGR2GRAY)) for i in blurred]
    start = np.eye(2, 3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-6)
    correlation, motion = cv2.findTransformECC(*grey, start, cv2.MOTION_AFFINE, stop)
    assert correlation > 0.9999
    corners = np.array([[0, 0, 1], [600, 0, 1], [0, 440, 1], [600, 440, 1]])
    assert np.abs(corners @ motion.T - corners[:, :2]).max() < 0.1  # pixels


def test_disparity_to_depth():
    disparity = [2047, 2046, 1100, 1092.5, 1092, 1057.38, 1057.36, 741.2]
    expected = [0, 0, 0, 0, 0, 0, 351.3 / 35.14, 1]  # negative and beyond 10 m are invalid
    np.testing.assert_allclose(kinect.disparity_to_depth(disparity), expected)


def test_nearest_of_two_points_on_one_pixel_wins():
    # Points on the ray of one colour pixel come from different depth pixels.
    pixel, depth = np.array([320.0, 240.0, 1.0]), np.zeros((480, 640))
    for metres in (1.0, 3.0):
        point = np.linalg.inv(kinect.COLOR.matrix) @ pixel * metres
        source = kinect.ROTATION @ (point + kinect.TRANSLATION)
        column, row, scale = kinect.DEPTH.matrix @ source
        depth[round(row / scale), round(column / scale)] = source[2]
    assert np.count_nonzero(depth) == 2
    projected = kinect.project_to_color(depth)
    assert projected[240, 320] == pytest.approx(1.0, abs=0.01)
    assert np.count_nonzero(projected) == 1


@pytest.mark.parametrize('order', ['<', '>'])
def test_both_byte_orders_are_read(tmp_path, order):
    disparity = raw_disparity(scene(0, (480, 640))[1])
    path = write_pgm(tmp_path / 'd.pgm', disparity, order)
    assert (kinect.read_disparity(path) == disparity).all()


def test_other_headers_are_read(tmp_path):
    image, depth = scene(0, (480, 640))
    disparity = raw_disparity(depth)
    path = tmp_path / 'd.pgm'
    path.write_bytes(b'P5\n# by a tool\n640 480\n2047\n' + disparity.astype('>u2').tobytes())
    assert (kinect.read_disparity(path) == disparity).all()
    assert (kinect.read_color(write_ppm(tmp_path / 'c.ppm', image)) == image).all()


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'expected P5 640 480'),
        (b'P5 640 480 65535\n' + bytes(1000), '1000 bytes of pixels'),
        (b'P5 320 240 65535\n' + bytes(320 * 240 * 2), 'expected P5 640 480'),
        (b'P5 640 480 255\n' + bytes(640 * 480 * 2), 'expected P5 640 480'),
        (b'P5 640 480 65535\n' + b'\x00\x10' * (640 * 480 - 1) + b'\x10\x00', '11-bit'),
    ],
)
def test_bad_disparity_files_are_named(tmp_path, content, message):
    path = tmp_path / 'd-1.0-1.pgm'
    path.write_bytes(content)
    with pytest.raises(SampleError, match=message) as error:
        kinect.read_disparity(path)
    assert str(path) in str(error.value)
