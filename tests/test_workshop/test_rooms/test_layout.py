"""Furniture, rooms and viewpoints."""

import numpy as np
import pytest

from depthdecomp_mm.workshop.rooms.boxes import BoxArrays
from depthdecomp_mm.workshop.rooms.cameras import kinect
from depthdecomp_mm.workshop.rooms.catalogue import MAKERS, ROOMS
from depthdecomp_mm.workshop.rooms.layout import furnish, sample_scene
from depthdecomp_mm.workshop.rooms.materials import Palette
from depthdecomp_mm.workshop.rooms.shell import Room, sample_openings
from depthdecomp_mm.workshop.rooms.viewpoint import sample_pose


@pytest.mark.parametrize('name', sorted(MAKERS))
def test_furniture_stands_on_the_floor_within_its_footprint(name):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        piece = MAKERS[name](rng, Palette(rng))
        corners = BoxArrays(piece.boxes).corners().reshape(-1, 3)
        assert -0.01 < corners[:, 2].min() < 0.09
        slack = 0.25 if name == 'plant' else 0.12  # leaves, turned chairs
        assert np.abs(corners[:, 0]).max() < piece.width / 2 + slack
        assert np.abs(corners[:, 1]).max() < piece.depth / 2 + slack


@pytest.mark.parametrize('kind', sorted(ROOMS))
def test_furniture_stays_in_the_room_and_apart(kind):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        room = Room(0, 4.2, 0, 3.6, 2.6)
        sample_openings(room, rng)
        boxes, taken = furnish(room, rng, Palette(rng), kind, varied=True)
        low, high = BoxArrays(boxes).corners().min((0, 1)), BoxArrays(boxes).corners().max((0, 1))
        assert (low[:2] > -0.12).all() and high[0] < 4.32 and high[1] < 3.72
        for k, (a0, a1, b0, b1) in enumerate(taken):
            for c0, c1, d0, d1 in taken[:k]:
                assert a1 <= c0 or c1 <= a0 or b1 <= d0 or d1 <= b0


@pytest.mark.parametrize('varied', [False, True])
def test_cameras_stand_in_free_space(varied):
    camera = kinect((160, 120))
    for seed in range(8):
        rng = np.random.default_rng(seed)
        scene = sample_scene(rng, varied)
        position = sample_pose(scene, camera, rng, varied).position
        assert scene.boxes.distance(position).min() > 0.05
        assert 0 < position[0] < scene.room.x1 and 0 < position[1] < scene.room.y1
        assert 0.4 < position[2] < scene.room.height


def test_kinect_has_nyu_intrinsics_scaled():
    small, full = kinect((160, 120)), kinect((640, 480))
    assert full.fx == pytest.approx(518.86) and small.fx == pytest.approx(518.86 / 4)
    assert full.cx == pytest.approx(324.58) and full.cy == pytest.approx(252.74)
