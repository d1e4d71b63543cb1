"""More furniture: kitchen, bathroom, lamps, plants and other things that stand about."""

from __future__ import annotations

import numpy as np

from .boxes import moved, span
from .materials import Material, Palette
from .parts import Piece, clutter, drawers, legs, screen


def kitchen_block(rng, palette: Palette) -> Piece:
    """Worktop on cupboards with wall cupboards above."""
    w, d, top = rng.uniform(1.2, 3.2), rng.uniform(0.58, 0.65), rng.uniform(0.85, 0.94)
    boxes = drawers(rng, palette, -w / 2, w / 2, -d / 2 + 0.02, d / 2, 0.1, top - 0.04)
    boxes.append(span(-w / 2, w / 2, -d / 2, d / 2, top - 0.04, top, palette.floor()))
    boxes += clutter(rng, palette, w, d, top, rng.integers(1, 7))
    if rng.uniform() < 0.7:
        boxes += drawers(
            rng, palette, -w / 2, w / 2, d / 2 - 0.35, d / 2, 1.4, rng.uniform(1.9, 2.2)
        )
    if rng.uniform() < 0.6:
        x = rng.uniform(-w / 2 + 0.35, w / 2 - 0.35)
        boxes.append(span(x - 0.29, x + 0.29, -d / 2 + 0.03, d / 2 - 0.05, top, top + 0.008,
                          palette.screen()))  # fmt: skip
    return Piece(w, d, 2.2, boxes)


def fridge(rng, palette: Palette) -> Piece:
    """Refrigerator."""
    w, d, h = rng.uniform(0.55, 0.9), rng.uniform(0.6, 0.7), rng.uniform(1.4, 2.0)
    body, split = palette.white() if rng.uniform() < 0.6 else palette.metal(), rng.uniform(0.3, 0.7)
    metal = palette.metal()
    boxes = [span(-w / 2, w / 2, -d / 2 + 0.05, d / 2, 0.03, h, body)]
    for low, high in ((0.05, h * split - 0.01), (h * split + 0.01, h - 0.01)):
        boxes.append(span(-w / 2, w / 2, -d / 2, -d / 2 + 0.045, low, high, body))
        x, z = -w / 2 + 0.05, (low + high) / 2
        boxes.append(span(x, x + 0.025, -d / 2 - 0.04, -d / 2, z - 0.15, z + 0.15, metal, False))
    return Piece(w, d, h, boxes)


def bathtub(rng, palette: Palette) -> Piece:
    """Bathtub: four rims around a bottom."""
    w, d, h, t = rng.uniform(1.5, 1.8), rng.uniform(0.7, 0.85), rng.uniform(0.5, 0.62), 0.06
    white = palette.white()
    boxes = [
        span(-w / 2, w / 2, -d / 2, -d / 2 + t, 0, h, white),
        span(-w / 2, w / 2, d / 2 - t, d / 2, 0, h, white),
        span(-w / 2, -w / 2 + t, -d / 2, d / 2, 0, h, white),
        span(w / 2 - t, w / 2, -d / 2, d / 2, 0, h, white),
        span(-w / 2, w / 2, -d / 2, d / 2, 0, 0.12, white),
    ]
    return Piece(w, d, h, boxes)


def toilet(rng, palette: Palette) -> Piece:
    """Toilet with its cistern."""
    white, lid = palette.white(), palette.white()
    boxes = [
        span(-0.12, 0.12, -0.2, 0.3, 0, 0.36, white),
        span(-0.18, 0.18, -0.34, 0.14, 0.3, 0.41, white),
        span(-0.19, 0.19, -0.35, 0.14, 0.41, 0.44, lid),
        span(-0.22, 0.22, 0.15, 0.35, 0.4, rng.uniform(0.75, 0.9), white),
    ]
    return Piece(0.46, 0.72, 0.9, boxes)


def washbasin(rng, palette: Palette) -> Piece:
    """Basin on a cupboard, mirror cupboard above."""
    w, top = rng.uniform(0.5, 1.1), rng.uniform(0.8, 0.88)
    white, metal = palette.white(), palette.metal()
    boxes = drawers(rng, palette, -w / 2 + 0.03, w / 2 - 0.03, -0.2, 0.24, 0.1, top - 0.1)
    boxes += [
        span(-w / 2, w / 2, -0.24, 0.24, top - 0.1, top, white),
        span(-0.02, 0.02, 0.05, 0.2, top, top + 0.16, metal),
        span(-w / 2, w / 2, 0.1, 0.24, 1.2, rng.uniform(1.7, 1.9), palette.wood()),
    ]
    return Piece(w, 0.5, 1.9, boxes)


def floor_lamp(rng, palette: Palette) -> Piece:
    """Standard lamp."""
    h, s, metal = rng.uniform(1.3, 1.8), rng.uniform(0.12, 0.22), palette.metal()
    boxes = [
        span(-0.13, 0.13, -0.13, 0.13, 0, 0.03, metal),
        span(-0.015, 0.015, -0.015, 0.015, 0.03, h - 0.2, metal),
        span(-s, s, -s, s, h - 0.28, h, palette.lamp(), False),
    ]
    return Piece(2 * s, 2 * s, h, boxes)


def plant(rng, palette: Palette) -> Piece:
    """Pot plant: leaves as many small turned boxes."""
    pot, h = rng.uniform(0.12, 0.2), rng.uniform(0.5, 1.6)
    boxes = [span(-pot, pot, -pot, pot, 0, 0.3, palette.paint(0.4))]
    for _ in range(rng.integers(8, 18)):
        a, r = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.2)
        z, s = rng.uniform(0.32, h), rng.uniform(0.05, 0.16)
        tone = rng.uniform(0.4, 1)
        leaf = (0.06 * tone, rng.uniform(0.12, 0.3) * tone, 0.05 * tone)
        material = Material('noise', leaf, tuple(0.5 * c for c in leaf), 0.04)
        boxes += moved([span(-s, s, -s / 3, s / 3, -0.02, 0.05, material)],
                       r * np.cos(a), r * np.sin(a), z, a)  # fmt: skip
    stem = Material('plain', (0.08, 0.05, 0.02), (0.1, 0.1, 0.1))
    boxes.append(span(-0.02, 0.02, -0.02, 0.02, 0.3, h, stem))
    return Piece(0.5, 0.5, h, boxes)


def television(rng, palette: Palette) -> Piece:
    """Low board with a television."""
    w, h, s = rng.uniform(1.1, 1.9), rng.uniform(0.35, 0.55), rng.uniform(0.8, 1.4)
    s = min(s, w)
    boxes = drawers(rng, palette, -w / 2, w / 2, -0.22, 0.22, 0, h)
    boxes += screen(palette, 0, 0, s, h, palette.metal())
    return Piece(w, 0.44, h + 0.8, boxes)


def bench(rng, palette: Palette) -> Piece:
    """Bench or footstool."""
    w, d, top = rng.uniform(0.6, 1.6), rng.uniform(0.35, 0.5), rng.uniform(0.38, 0.48)
    boxes = legs(w, d, top - 0.08, 0.05, palette.wood())
    boxes.append(span(-w / 2, w / 2, -d / 2, d / 2, top - 0.08, top, palette.fabric()))
    return Piece(w, d, top, boxes)


def cartons(rng, palette: Palette) -> Piece:
    """Stack of boxes, turned a little."""
    boxes, z, w = [], 0.0, rng.uniform(0.35, 0.6)
    for _ in range(rng.integers(1, 4)):
        d, h = rng.uniform(0.7, 1) * w, rng.uniform(0.15, 0.4)
        carton = span(-w / 2, w / 2, -d / 2, d / 2, 0, h, palette.picture())
        boxes += moved([carton], 0, 0, z, rng.normal(0, 0.15))
        z, w = z + h, w * rng.uniform(0.75, 1)
    return Piece(0.7, 0.7, z, boxes)


def pillar(rng, palette: Palette) -> Piece:
    """Post that goes through the ceiling, however high that is."""
    w = rng.uniform(0.2, 0.45)
    return Piece(w, w, 2.0, [span(-w / 2, w / 2, -w / 2, w / 2, 0, 5, palette.wall())])


def steps(rng, palette: Palette) -> Piece:
    """Flight of steps up to a landing at the wall."""
    w, n, tread = rng.uniform(0.8, 1.4), rng.integers(3, 7), rng.uniform(0.24, 0.3)
    d, wood = n * tread, palette.wood()
    boxes = [
        span(-w / 2, w / 2, -d / 2 + k * tread, d / 2, k * 0.17, (k + 1) * 0.17, wood)
        for k in range(n)
    ]
    return Piece(w, d, n * 0.17, boxes)
