"""Ray casting against boxes: what the camera sees, and what stands before a light."""

from __future__ import annotations

import numpy as np

from depthdecomp_mm.apis import Intrinsics

from .boxes import BoxArrays
from .cameras import Pose, viewing_rays

NEAR = 0.05  # metres; nothing nearer is drawn
_EDGES = np.array([(a, a | 1 << bit) for bit in range(3) for a in range(8) if not a >> bit & 1])


def _safe(direction: np.ndarray) -> np.ndarray:
    return np.where(np.abs(direction) < 1e-7, np.float32(1e-7), direction)


def pixel_bounds(boxes: BoxArrays, camera: Intrinsics, pose: Pose) -> np.ndarray:
    """Rectangle of pixels that can see each box.

    Returns:
        (N, 4) int: first column, end column, first row, end row; empty where out of view.
    """
    points = (boxes.corners() - pose.position) @ pose.rotation
    start, end = points[:, _EDGES[:, 0]], points[:, _EDGES[:, 1]]
    step = end - start
    with np.errstate(divide='ignore', invalid='ignore'):
        share = (NEAR - start[..., 2]) / step[..., 2]
        cut = start + np.nan_to_num(share, posinf=0, neginf=0)[..., None] * step
    crosses = (start[..., 2] < NEAR) != (end[..., 2] < NEAR)
    cut[..., 2] = NEAR
    points = np.concatenate([points, cut], 1)
    shown = np.concatenate([points[:, :8, 2] >= NEAR, crosses], 1)
    z = np.where(shown, points[..., 2], 1)
    bounds = np.zeros((len(boxes), 4), int)
    for k, (focal, centre, size) in enumerate(
        [(camera.fx, camera.cx, camera.width), (camera.fy, camera.cy, camera.height)]
    ):
        pixel = focal * points[..., k] / z + centre
        low = np.where(shown, pixel, np.inf).min(1)
        high = np.where(shown, pixel, -np.inf).max(1)
        bounds[:, 2 * k] = np.ceil(np.clip(low - 0.01, 0, size))
        bounds[:, 2 * k + 1] = np.floor(np.clip(high + 0.01, -1, size - 1)) + 1
    return bounds


def trace(boxes: BoxArrays, camera: Intrinsics, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """First box along the ray of every pixel.

    Args:
        boxes: The scene.
        camera: Intrinsics and frame size.
        pose: Where the camera is.

    Returns:
        z-depth (H, W) float32 in metres (inf where nothing is hit), and index of the box
        (H, W) int32 (-1 there).
    """
    # Rays have length 1 along the optical axis, so that their parameter is the z-depth.
    rays = _safe(viewing_rays(camera) @ pose.rotation.T).astype(np.float32)
    dx, dy, dz = (np.ascontiguousarray(rays[..., k]) for k in range(3))
    ix, iy, iz = 1 / dx, 1 / dy, 1 / dz
    depth = np.full(dx.shape, np.inf, np.float32)
    index = np.full(dx.shape, -1, np.int32)
    origins = boxes.to_local(pose.position[None], np.arange(len(boxes)))
    bounds = pixel_bounds(boxes, camera, pose)
    for n in np.flatnonzero((bounds[:, 0] < bounds[:, 1]) & (bounds[:, 2] < bounds[:, 3])):
        u0, u1, v0, v1 = bounds[n]
        area = slice(v0, v1), slice(u0, u1)
        if boxes.sin[n]:
            c, s = boxes.cos[n], boxes.sin[n]
            inverse_x = 1 / _safe(c * dx[area] + s * dy[area])
            inverse_y = 1 / _safe(c * dy[area] - s * dx[area])
        else:
            inverse_x, inverse_y = ix[area], iy[area]
        near, far = _slabs((inverse_x, inverse_y, iz[area]), origins[n], boxes.half[n])
        hit = (near <= far) & (near > NEAR) & (near < depth[area])
        depth[area][hit] = near[hit]
        index[area][hit] = n
    return depth, index


def _slabs(inverse: tuple, origin: np.ndarray, half: np.ndarray) -> tuple:
    """Ray parameters where the rays enter and leave a box, in the box's own axes."""
    near = far = None
    for inv, o, h in zip(inverse, origin, half, strict=True):
        middle, reach = inv * -o, np.abs(inv) * h
        low, high = middle - reach, middle + reach
        near = low if near is None else np.maximum(near, low)
        far = high if far is None else np.minimum(far, high)
    return near, far


def _clear(boxes: BoxArrays, near: np.ndarray, which, points, vectors) -> np.ndarray:
    """Which segments ``points + [0, 1] * vectors``, both (P, 3), meet none of the boxes ``which``.

    ``near`` (len(which), P) bool says which pairs need a test at all.
    """
    points, vectors = np.ascontiguousarray(points.T), _safe(np.ascontiguousarray(vectors.T))
    inverse = 1 / vectors
    free = np.ones(points.shape[1], bool)
    for n, candidates in zip(which, near, strict=True):
        chosen = np.flatnonzero(candidates)
        if not len(chosen):
            continue
        origin = points.take(chosen, 1) - boxes.center[n][:, None]
        inv = inverse.take(chosen, 1)
        if boxes.sin[n]:
            turn = np.array(
                [[boxes.cos[n], boxes.sin[n]], [-boxes.sin[n], boxes.cos[n]]], np.float32
            )
            origin[:2] = turn @ origin[:2]
            inv[:2] = 1 / _safe(turn @ vectors[:2].take(chosen, 1))
        enter, leave = _slabs(inv, origin, boxes.half[n])
        free[chosen] &= (enter > leave) | (leave <= 0) | (enter >= 1)
    return free


def lit(boxes: BoxArrays, points: np.ndarray, light: np.ndarray, jitter: np.ndarray) -> np.ndarray:
    """Which points see a light.

    Args:
        boxes: The scene.
        points: (P, 3) float32, metres, lifted a little off their surface.
        light: (3,) the light's centre.
        jitter: (P, 3) float32 offsets of the light for each point, which make soft shadows.

    Returns:
        (P,) bool.
    """
    vectors = light + jitter - points
    casting = np.flatnonzero(boxes.casts)
    toward = boxes.center[casting] - light
    distance = np.linalg.norm(toward, axis=1)
    # Only points inside the cone that a box's bounding sphere subtends can be in its shadow.
    radius = np.linalg.norm(boxes.half[casting], axis=1) + np.abs(jitter).max(initial=0) * 2
    cosine = np.sqrt(np.maximum(1 - (radius / np.maximum(distance, 1e-6)) ** 2, 0)) - 2e-3
    cosine[distance <= radius] = -2
    toward /= np.maximum(distance, 1e-6)[:, None]
    away = -vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    inside = toward @ away.T > cosine[:, None]
    return _clear(boxes, inside, casting, points, vectors)


def open_sky(boxes: BoxArrays, points: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Which short segments ``points + [0, 1] * vectors``, both (P, 3), meet no box; (P,) bool."""
    size = np.linalg.norm(boxes.half, axis=1)
    large = np.flatnonzero(size > 0.2)  # small things darken nothing that one would notice
    radius = size[large] + np.linalg.norm(vectors, axis=1).max(initial=0)
    center = boxes.center[large]
    squared = (points**2).sum(1)[None] + (center**2).sum(1)[:, None]
    inside = squared - 2 * center @ points.T < (radius**2)[:, None] + 1e-3
    return _clear(boxes, inside, large, points, vectors)
