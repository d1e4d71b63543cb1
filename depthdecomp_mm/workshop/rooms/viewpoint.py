"""Where a hand-held camera stands in a scene, and which way it looks."""

from __future__ import annotations

import math

import numpy as np

from depthdecomp_mm.apis import Intrinsics

from .cameras import Pose
from .layout import Scene
from .raycast import trace


def sample_pose(scene: Scene, camera: Intrinsics, rng: np.random.Generator, varied: bool) -> Pose:
    """A hand-held camera in free space that looks into the room.

    Candidates are judged by a few rays. The first whose view is neither blocked nor empty is
    taken, else the best of them.

    Args:
        scene: The scene.
        camera: Its field of view matters.
        rng: The frame's generator.
        varied: Whether heights and angles spread as widely as over many photographers.
    """
    room = scene.room
    small = Intrinsics.from_focal((24, 18), camera.fx * 24 / camera.width)
    best, best_score = _from_above(scene, rng), -1.0
    for _ in range(20):
        x = rng.uniform(room.x0 + 0.25, room.x1 - 0.25)
        y = rng.uniform(room.y0 + 0.25, room.y1 - 0.25)
        z = float(np.clip(rng.normal(1.4, 0.3 if varied else 0.15), 0.5, room.height - 0.3))
        away_x, away_y = rng.uniform(room.x0, room.x1) - x, rng.uniform(room.y0, room.y1) - y
        tilt = rng.normal(-10, 9 if varied else 6) - 12 * (z - 1.4)
        roll = rng.normal(0, 3 if varied else 1.5)
        if math.hypot(away_x, away_y) < 1 or scene.boxes.distance((x, y, z)).min() < 0.25:
            continue
        yaw = math.atan2(away_y, away_x)
        pose = Pose.looking((x, y, z), yaw, math.radians(tilt), math.radians(roll))
        score = _interest(*trace(scene.boxes, small, pose))
        if score > best_score:
            best, best_score = pose, score
        if score >= 1:
            break
    return best


def _interest(depth: np.ndarray, index: np.ndarray) -> float:
    """How much there is to see, about 0..1: things, at some distance, not one wall alone."""
    counts = np.bincount(index.ravel() + 1)
    things = np.count_nonzero(counts > 1) / 10
    spread = 2 * (1 - counts.max() / depth.size)
    near = 1 - 6 * max(float((depth < 0.75).mean()) - 0.06, 0)
    return min(things, spread, float(np.median(depth)) / 1.4, 1.0) * max(near, 0.0)


def _from_above(scene: Scene, rng: np.random.Generator) -> Pose:
    """A camera under the middle of the ceiling, for rooms without free space below."""
    room = scene.room
    middle = ((room.x0 + room.x1) / 2, (room.y0 + room.y1) / 2, room.height - 0.8)
    return Pose.looking(middle, rng.uniform(-math.pi, math.pi), -0.4)
