"""Small pictures of a frame in one file, and what stands below each."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import cv2
import numpy as np

from depthdecomp_mm.visualization.panel import Tile

PIXELS = 192 * 144
"""Of a picture; wide ones have as many as others, and small frames are not enlarged."""
QUALITY = 55


def encode_strip(tiles: Sequence[Tile]) -> bytes:
    """The pictures side by side, as a WebP file."""
    height, width = tiles[0].image.shape[:2]
    scale = min(sqrt(PIXELS / (height * width)), 1)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    pictures = [cv2.resize(tile.image, size, interpolation=cv2.INTER_AREA) for tile in tiles]
    strip = np.concatenate(pictures, axis=1)[..., ::-1]
    return cv2.imencode('.webp', strip, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1].tobytes()


def captions(tiles: Sequence[Tile]) -> list[list[str]]:
    """Title, ends of the scale, and note of each picture."""
    return [[tile.title, _scale(tile), tile.note] for tile in tiles]


def _scale(tile: Tile) -> str:
    if tile.bar is None:
        return ''
    unit = '' if tile.bar.unit == 'unitless' else f' {tile.bar.unit}'
    return f'colours {tile.bar.vmin:.2f} to {tile.bar.vmax:.2f}{unit}'
