"""Point clouds are seen from where it is said."""

import numpy as np
import pytest

from depthdecomp_mm.apis import Intrinsics, view_point_cloud

CAMERA = Intrinsics.from_fov((80, 60), 60)
NEAR, FAR = (200, 0, 0), (0, 0, 200)


@pytest.fixture
def scene():
    """A red square at 2 m before a blue wall at 4 m."""
    depth, image = np.full((60, 80), 4.0, np.float32), np.full((60, 80, 3), FAR, np.uint8)
    depth[20:40, 30:50], image[20:40, 30:50] = 2, NEAR
    return depth, image


def middle(picture, color):
    """Where the pixels of a colour are in the middle: x and y from 0 to 1."""
    y, x = np.nonzero((picture == color).all(axis=2))
    return x.mean() / picture.shape[1], y.mean() / picture.shape[0]


def test_from_the_camera_itself_it_is_the_image(scene):
    view = view_point_cloud(*scene, CAMERA, (320, 240), turn=0, tilt=0)
    assert view.shape == (240, 320, 3)
    assert middle(view, NEAR) == pytest.approx((0.5, 0.5), abs=0.02)
    assert middle(view, FAR) == pytest.approx((0.5, 0.5), abs=0.02)
    assert (view[100:140, 140:180] == NEAR).all()  # without holes
    red = (view == NEAR).all(axis=2).mean() / (view != 255).any(axis=2).mean()
    assert red == pytest.approx(20 * 20 / (60 * 80), rel=0.3)


@pytest.mark.parametrize('turn, tilt, axis, sign', [(25, 0, 0, -1), (-25, 0, 0, 1), (0, 25, 1, 1)])
def test_what_is_near_moves_against_the_viewer(scene, turn, tilt, axis, sign):
    """Seen from the right what is near moves to the left, seen from above it moves down."""
    view = view_point_cloud(*scene, CAMERA, (320, 240), turn=turn, tilt=tilt)
    moved = np.subtract(middle(view, NEAR), middle(view, FAR))
    assert sign * moved[axis] > 0.1 > abs(moved[1 - axis])


def test_what_is_near_hides_what_is_far(scene):
    depth, image = scene
    behind = view_point_cloud(depth, image, CAMERA, (320, 240), turn=12, tilt=0)
    assert (behind == NEAR).all(axis=2).sum() > 3000
    column = (behind == NEAR).all(axis=2).any(axis=0)
    inner = np.flatnonzero(column)[5:-5]
    assert ((behind[100:140, inner] == NEAR).all(axis=2)).mean() > 0.95


def test_there_is_nothing_between_two_surfaces(scene):
    depth, image = scene
    depth[20:40, 48:52] = np.linspace(2, 4, 4)  # as a network blurs the edge
    image[20:40, 49:51] = (0, 200, 0)
    view = view_point_cloud(depth, image, CAMERA, (320, 240))
    assert not (view == (0, 200, 0)).all(axis=2).any()


def test_large_maps_are_drawn_with_fewer_points(scene):
    depth, image = (values.repeat(20, axis=0).repeat(20, axis=1) for values in scene)
    view = view_point_cloud(depth, image, CAMERA, (320, 240), turn=0, tilt=0)
    assert middle(view, NEAR) == pytest.approx((0.5, 0.5), abs=0.02)
    assert (view[100:140, 140:180] == NEAR).all()


def test_sizes_may_differ_and_nothing_is_white(scene):
    depth, image = scene
    twice = Intrinsics.from_fov((160, 120), 60)
    args = (depth, image), ((100, 80),)
    views = [view_point_cloud(*args[0], camera, *args[1]) for camera in (CAMERA, twice)]
    assert np.abs(views[0].astype(int) - views[1]).mean() < 5
    assert (view_point_cloud(0 * depth, image, CAMERA, (100, 80)) == 255).all()
