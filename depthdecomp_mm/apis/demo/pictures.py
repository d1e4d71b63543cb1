"""What the page shows of a prediction."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from depthdecomp_mm.visualization import NEAR_IS_LARGE, NEAR_IS_SMALL, Tile, draw_panel
from depthdecomp_mm.visualization.decomposition import (
    gradient_tiles,
    map_tile,
    mean_in_words,
    normalized_tile,
)

from .measuring import Pixel, draw_points, measure
from .prediction import Prediction

TILE_WIDTH = 480
LARGE = 960
"""Pixels that the longer side of the picture to measure in has at least."""
NO_METRES = 'This network gives no metres, as it has no M-Net.'


def maps_of(prediction: Prediction) -> dict[str, np.ndarray]:
    """Depth and decomposition in colours with their scales.

    Returns:
        Of ``depth``, ``normalized``, ``gradient_x`` and ``gradient_y`` what was predicted,
        (H, W, 3) uint8 RGB each.
    """
    result = prediction.result
    tiles: dict[str, Tile] = {}
    if 'depth' in result:
        depth = result['depth']
        tiles['depth'] = map_tile('Depth', depth, np.isfinite(depth), NEAR_IS_SMALL, 'm')
    if 'normalized' in result:
        values = result['normalized']
        cmap = NEAR_IS_LARGE if result['representation'] == 'inverse' else NEAR_IS_SMALL
        tiles['normalized'] = normalized_tile(values, np.isfinite(values), cmap)
    if 'gradients' in result:
        pair = gradient_tiles(result['gradients'], np.isfinite(result['gradients']))
        tiles |= zip(('gradient_x', 'gradient_y'), pair, strict=True)
    untitled = {name: replace(tile, title='') for name, tile in tiles.items()}  # the page names it
    return {name: draw_panel([tile], width=TILE_WIDTH) for name, tile in untitled.items()}


def summary_of(prediction: Prediction) -> str:
    """What there is to say in words, as Markdown."""
    result, camera = prediction.result, prediction.camera
    height, width = prediction.image.shape[:2]
    lines = []
    if 'depth' in result:
        low, middle, high = np.percentile(result['depth'], (0, 50, 100))
        lines.append(f'**Depth** {low:.2f} to {high:.2f} m, median {middle:.2f} m')
    else:
        lines.append(NO_METRES)
    if 'mean' in result:
        of = 'of 1 / (depth + 1) ' if result['representation'] == 'inverse' else ''
        lines.append(f'**Mean** {of}{mean_in_words(result["mean"], result["representation"])}')
    lines.append(
        f'**Camera** {camera.horizontal_fov:.0f}° wide, focal length {camera.fx:.0f} pixels '
        f'of {width} x {height}: {prediction.camera_source}'
    )
    lines.append(f'**Time** {prediction.seconds:.2f} s')
    return '  \n'.join(lines)


def picture_to_measure(prediction: Prediction, points: list[Pixel]) -> tuple[np.ndarray, str]:
    """The photograph with the points that were chosen, and what was measured, in words.

    Args:
        prediction: Of the photograph.
        points: Up to two, in pixels of the photograph.

    Returns:
        (H, W, 3) uint8 RGB, :func:`enlargement` times as large, and the words.
    """
    times = enlargement(prediction)
    picture = cv2.resize(prediction.image[..., ::-1], None, fx=times, fy=times)
    drawn = [tuple(times * c + times // 2 for c in point) for point in points]
    if 'depth' not in prediction.result:
        return picture, NO_METRES
    depth = prediction.result['depth']
    if len(points) == 2:
        found = measure(depth, prediction.camera, *points)
        return draw_points(picture, drawn, f'{found.distance:.2f} m'), f'{found}.'
    if points:
        [(x, y)] = points
        words = f'The depth there is {depth[y, x]:.2f} m. Click a second point.'
        return draw_points(picture, drawn, f'{depth[y, x]:.2f} m'), words
    return picture, 'Click two points of the photograph.'


def choose_point(
    prediction: Prediction, points: list[Pixel], clicked: tuple[float, float]
) -> list[Pixel]:
    """The points after a click; a third one begins anew.

    Args:
        prediction: Of the photograph.
        points: Those before.
        clicked: Column and row in the picture of :func:`picture_to_measure`.
    """
    limits = prediction.image.shape[1::-1]
    times = enlargement(prediction)
    pixel = tuple(min(max(int(c // times), 0), n - 1) for c, n in zip(clicked, limits, strict=True))
    return [*points, pixel] if len(points) < 2 else [pixel]


def enlargement(prediction: Prediction) -> int:
    """How many times larger than itself a small photograph is shown to be measured in."""
    return max(-(-LARGE // max(prediction.image.shape[:2])), 1)
