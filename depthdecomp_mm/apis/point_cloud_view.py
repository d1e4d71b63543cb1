"""Pictures of point clouds."""

from __future__ import annotations

from math import ceil, cos, radians, sin, sqrt

import numpy as np

from depthdecomp_mm.structures import valid_pixels

from .intrinsics import Intrinsics
from .point_cloud import unproject

GRAZING = 8.0
"""Tangent of the angle (83 degrees) from which on a surface is taken for a gap between two."""
MARGIN = 0.03
MOST_POINTS = 400_000
WHITE = 255


def view_point_cloud(
    depth: np.ndarray,
    image: np.ndarray,
    intrinsics: Intrinsics,
    size: tuple[int, int],
    turn: float = -20.0,
    tilt: float = 16.0,
) -> np.ndarray:
    """Draw the points of a depth map as seen from beside and above the camera.

    Args:
        depth: (H, W) metres; pixels of 0 or not finite are left out, and so are those between a
            near surface and a far one, which no camera could see. Of large maps some rows
            and columns are drawn.
        image: (H, W, 3) uint8, the points' colours.
        intrinsics: The camera; scaled to the size of the depth map.
        size: Width and height of the picture, pixels.
        turn: Degrees about the vertical; positive looks from the right.
        tilt: Degrees about the horizontal; positive looks from above.

    Returns:
        (height, width, 3) uint8 in the image's order of colours, on white.
    """
    step = ceil(sqrt(depth.size / MOST_POINTS))
    depth, image = depth[::step, ::step], image[::step, ::step]
    intrinsics = intrinsics.scaled_to(*depth.shape[::-1])
    shown = valid_pixels(depth) & ~is_gap(depth, intrinsics)
    points = unproject(depth, intrinsics)[shown]
    if not len(points):
        return np.full((*size[::-1], 3), WHITE, np.uint8)
    middle = np.median(points, axis=0)
    seen = (points - middle) @ _rotation(turn, tilt).T + (0, 0, np.linalg.norm(middle))
    ahead = seen[:, 2] > 0.1 * seen[:, 2].max()
    place, scale = _fit(seen[ahead, :2] / seen[ahead, 2:], size)
    spacing = points[ahead, 2] / intrinsics.fx / seen[ahead, 2] * scale
    width = np.clip(np.ceil(1 + 1.5 * spacing), 1, 9).astype(int)
    return _splat(place, seen[ahead, 2], image[shown][ahead], width, size)


def is_gap(depth: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Where a map (H, W), metres, is between a near surface and a far one: (H, W) bool."""
    down, right = np.gradient(depth)
    return intrinsics.fx * np.hypot(down, right) > GRAZING * np.abs(depth)


def _rotation(turn: float, tilt: float) -> np.ndarray:
    """Of points (x right, y down, z forward), so that they are seen from beside and above."""
    c, s = cos(radians(turn)), sin(radians(turn))
    about_vertical = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = cos(radians(tilt)), sin(radians(tilt))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]]) @ about_vertical


def _fit(plane: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, float]:
    """Scale and move points (N, 2) so that all but a few fill a picture: pixels, and the scale."""
    low, high = np.percentile(plane, (1, 99), axis=0)
    scale = (1 - 2 * MARGIN) * (np.array(size) / np.maximum(high - low, 1e-9)).min()
    return (plane - (low + high) / 2) * scale + np.array(size) / 2, scale


def _splat(
    place: np.ndarray, far: np.ndarray, colors: np.ndarray, widths: np.ndarray, size: tuple
) -> np.ndarray:
    """Draw squares of so many pixels at (N, 2) places, the near ones over those that are far."""
    canvas = np.full((size[1] * size[0], 3), WHITE, np.uint8)
    indices, sources = [], []
    for row, column in np.ndindex(widths.max(), widths.max()):
        large = np.flatnonzero(widths > max(row, column))
        x, y = np.floor(place[large].T - widths[large] / 2 + 0.5).astype(int)
        x, y = x + column, y + row
        inside = (x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1])
        indices.append((y * size[0] + x)[inside])
        sources.append(large[inside])
    index, source = np.concatenate(indices), np.concatenate(sources)
    order = np.argsort(-far[source], kind='stable')  # of several colours the last one stays
    canvas[index[order]] = colors[source[order]]
    return canvas.reshape(size[1], size[0], 3)
