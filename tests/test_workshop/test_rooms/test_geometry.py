"""Ray casting against independent computations."""

import numpy as np
import pytest

from depthdecomp_mm.apis import Intrinsics
from depthdecomp_mm.workshop.rooms.boxes import Box, BoxArrays, span
from depthdecomp_mm.workshop.rooms.cameras import Pose, viewing_rays
from depthdecomp_mm.workshop.rooms.materials import Material
from depthdecomp_mm.workshop.rooms.raycast import lit, open_sky, trace
from depthdecomp_mm.workshop.rooms.shading import surfaces

GREY = Material('plain', (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
CAMERA = Intrinsics.from_fov((64, 48), 70)


def random_boxes(rng, count=25):
    boxes = [
        Box(tuple(rng.uniform(-3, 3, 3)), tuple(rng.uniform(0.1, 1.5, 3)), GREY, rng.choice(yaws))
        for yaws in [[0.0, np.pi / 2, *rng.uniform(-4, 4, 3)]]
        for _ in range(count)
    ]
    inside = BoxArrays(boxes).distance((0, 0, 0)) < 0.3
    return BoxArrays([box for box, near in zip(boxes, inside, strict=True) if not near])


def inside_any(boxes, points):
    """Whether points (P, 3) lie in a box: a test without any ray."""
    result = np.zeros(len(points), bool)
    for n in range(len(boxes)):
        result |= (np.abs(boxes.to_local(points, n)) < boxes.half[n]).all(1)
    return result


def plane_depths(boxes, origin, rays):
    """z-depth by intersecting every face's plane and checking the other two coordinates."""
    best = np.full(len(rays), np.inf)
    for n in range(len(boxes)):
        c, s = float(boxes.cos[n]), float(boxes.sin[n])
        axes = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        half, center = boxes.half[n].astype(float), boxes.center[n].astype(float)
        for k in range(3):
            for sign in (-1, 1):
                on_plane = center + sign * half[k] * axes[k]
                t = (axes[k] @ (on_plane - origin)) / (rays @ axes[k])
                point = (origin + t[:, None] * rays - center) @ axes.T
                others = [j for j in range(3) if j != k]
                hit = (t > 0) & (np.abs(point[:, others]) <= half[others]).all(1)
                best = np.where(hit & (t < best), t, best)
    return best


def test_empty_room_has_the_analytic_z_depth():
    x, y, z, room = 1.0, 2.0, 1.4, (5.0, 4.5, 2.6)
    shell = [
        span(room[0], room[0] + 1, -1, 9, -1, 9, GREY),
        span(-1, 9, -1, 0, -1, 9, GREY),
        span(-1, 9, room[1], room[1] + 1, -1, 9, GREY),
        span(-1, 9, -1, 9, -1, 0, GREY),
        span(-1, 9, -1, 9, room[2], room[2] + 1, GREY),
    ]
    depth, _ = trace(BoxArrays(shell), CAMERA, Pose.looking((x, y, z), yaw=0.0))
    u = (np.arange(64) - CAMERA.cx)[None] / CAMERA.fx
    v = (np.arange(48) - CAMERA.cy)[:, None] / CAMERA.fx
    # Looking along +x: right is -y, down is -z. The wall ahead has one z-depth all over.
    expected = np.full((48, 64), room[0] - x)
    expected = np.minimum(expected, np.where(u > 0, y / np.abs(u), (room[1] - y) / np.abs(u)))
    expected = np.minimum(expected, np.where(v > 0, z / np.abs(v), (room[2] - z) / np.abs(v)))
    np.testing.assert_allclose(depth, expected, rtol=1e-4)
    assert np.count_nonzero(np.abs(depth - 4.0) < 1e-3) > 100


@pytest.mark.parametrize('seed', range(4))
def test_random_boxes_agree_with_their_planes(seed):
    rng = np.random.default_rng(seed)
    boxes, pose = random_boxes(rng), Pose.looking((0, 0, 0), *rng.uniform(-0.6, 0.6, 3))
    depth, index = trace(boxes, CAMERA, pose)
    rays = (viewing_rays(CAMERA) @ pose.rotation.T).reshape(-1, 3).astype(float)
    expected = plane_depths(boxes, np.zeros(3), rays).reshape(depth.shape)
    same = np.isclose(depth, expected, rtol=1e-3)
    assert same.mean() > 0.995  # rays along an edge may go either way
    assert ((index >= 0) == np.isfinite(depth)).all()
    assert 0.1 < np.isfinite(depth).mean() < 1


def test_pose_axes_are_right_handed_and_level():
    pose = Pose.looking((0, 0, 0), yaw=np.pi / 2, pitch=0.3)
    right, down, forward = pose.rotation.T
    np.testing.assert_allclose(np.cross(right, down), forward, atol=1e-6)
    np.testing.assert_allclose(right, (1, 0, 0), atol=1e-6)
    assert forward[2] == pytest.approx(np.sin(0.3), abs=1e-6)
    assert down[2] < 0


@pytest.mark.parametrize('test', [lit, open_sky])
def test_blocked_segments_pass_through_a_box(test):
    rng = np.random.default_rng(5)
    boxes = random_boxes(rng)
    points = rng.uniform(-3, 3, (400, 3)).astype(np.float32)
    points = points[~inside_any(boxes, points)]
    light = np.zeros(3, np.float32)
    ends = light - points
    if test is lit:
        free = lit(boxes, points, light, np.zeros_like(points))
    else:
        free = open_sky(boxes, points, ends)
    steps = np.linspace(0, 1, 400)[:, None, None]
    sampled = (points + steps * ends).reshape(-1, 3).astype(np.float32)
    expected = ~inside_any(boxes, sampled).reshape(400, -1).any(0)
    assert (free == expected).mean() > 0.98  # grazes shorter than the sampling step
    assert 0.1 < free.mean() < 0.9


def test_normals_follow_from_neighbouring_points():
    boxes = random_boxes(np.random.default_rng(1))
    hits = surfaces(boxes, CAMERA, Pose.looking((0, 0, 0), 0.2, 0.1, 0.05))
    across = hits.points[:-1, 1:] - hits.points[:-1, :-1]
    along = hits.points[1:, :-1] - hits.points[:-1, :-1]
    cross = np.cross(along, across)
    cross /= np.linalg.norm(cross, axis=2, keepdims=True)
    agree = np.abs((cross * hits.normals[:-1, :-1]).sum(2)) > 0.999
    assert agree[hits.found[:-1, :-1]].mean() > 0.7  # all but the edges
    toward = hits.normals * (
        viewing_rays(CAMERA) @ Pose.looking((0, 0, 0), 0.2, 0.1, 0.05).rotation.T
    )
    assert (toward.sum(2)[hits.found] < 0).mean() > 0.99
