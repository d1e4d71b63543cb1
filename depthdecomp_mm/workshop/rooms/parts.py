"""Parts that several kinds of furniture share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .boxes import Box, span
from .materials import Palette

Maker = Callable[[np.random.Generator, Palette], 'Piece']


@dataclass(frozen=True)
class Piece:
    """A piece of furniture.

    Args:
        width: Footprint along x, metres.
        depth: Footprint along y, metres.
        height: Metres.
        boxes: Its parts.
    """

    width: float
    depth: float
    height: float
    boxes: list[Box]


def legs(w: float, d: float, height: float, thick: float, material) -> list[Box]:
    """Four legs under the corners of a w by d top."""
    x, y = w / 2 - thick, d / 2 - thick
    return [
        span(a, a + thick, b, b + thick, 0, height, material)
        for a in (-x - thick / 2, x - thick / 2)
        for b in (-y - thick / 2, y - thick / 2)
    ]


def clutter(rng, palette: Palette, w: float, d: float, z: float, count: int) -> list[Box]:
    """Small things lying on a w by d surface at height z."""
    boxes, x = [], -w / 2 + 0.05
    for _ in range(count):
        bw, bd, bh = rng.uniform(0.06, 0.3), rng.uniform(0.06, 0.25), rng.uniform(0.02, 0.28)
        x += rng.uniform(0.02, 0.4)
        if x + bw > w / 2 - 0.03 or bd > d - 0.04:
            break
        y = rng.uniform(-d / 2 + 0.02, d / 2 - 0.02 - bd)
        material = palette.picture() if rng.uniform() < 0.3 else palette.paint()
        boxes.append(span(x, x + bw, y, y + bd, z, z + bh, material))
        x += bw
    return boxes


def screen(palette: Palette, x: float, y: float, w: float, z: float, metal) -> list[Box]:
    """A screen w metres wide on its foot, facing -y, standing at height z."""
    a, b, h = x - w / 2, x + w / 2, 0.58 * w
    return [
        span(x - w / 5, x + w / 5, y - 0.06, y + 0.1, z, z + 0.015, metal),
        span(x - 0.03, x + 0.03, y + 0.02, y + 0.04, z, z + 0.1, metal),
        span(a, b, y, y + 0.03, z + 0.08, z + 0.08 + h, metal),
        span(a + 0.015, b - 0.015, y - 0.004, y, z + 0.095, z + 0.065 + h, palette.screen(), False),
    ]


def drawers(rng, palette, x0, x1, y0, y1, z0, z1) -> list[Box]:
    """A cabinet whose front, toward -y, shows drawers or doors; on a plinth if low above z = 0."""
    body, front = palette.wood(), palette.wood()
    boxes = [span(x0, x1, y0 + 0.02, y1, z0, z1, body)]
    if 0 < z0 < 0.15:
        boxes.append(span(x0 + 0.02, x1 - 0.02, y0 + 0.06, y1, 0, z0, body))  # plinth
    tall = z1 - z0 > 1.2
    columns = max(1, round((x1 - x0) / rng.uniform(0.4, 0.9)))
    rows = 1 if tall else max(1, round((z1 - z0) / rng.uniform(0.2, 0.7)))
    xs, zs = np.linspace(x0, x1, columns + 1), np.linspace(z0, z1, rows + 1)
    metal, gap = palette.metal(), 0.008
    for a, b in zip(xs[:-1], xs[1:], strict=True):
        for low, high in zip(zs[:-1], zs[1:], strict=True):
            boxes.append(span(a + gap, b - gap, y0, y0 + 0.02, low + gap, high - gap, front))
            x, z = (b - 0.07, (low + high) / 2) if tall else ((a + b) / 2, high - 0.07)
            across, up = (0.01, 0.09) if tall else (0.06, 0.01)
            boxes.append(span(x - across, x + across, y0 - 0.025, y0, z - up, z + up, metal, False))
    return boxes
