"""Furniture made of boxes: seats, tables, beds and storage.

Every maker takes a generator and a palette and returns a ``Piece`` that stands on z = 0, centred,
its back toward +y.
"""

from __future__ import annotations

import numpy as np

from .boxes import moved, span
from .materials import Palette
from .parts import Piece, clutter, drawers, legs, screen


def chair(rng, palette: Palette) -> Piece:
    """Dining chair: legs, seat, back."""
    w, d = rng.uniform(0.4, 0.5), rng.uniform(0.42, 0.52)
    seat, top = rng.uniform(0.43, 0.48), rng.uniform(0.78, 1.05)
    frame = palette.wood() if rng.uniform() < 0.7 else palette.metal()
    cover = palette.fabric() if rng.uniform() < 0.5 else frame
    boxes = legs(w, d, seat - 0.04, 0.035, frame)
    boxes.append(span(-w / 2, w / 2, -d / 2, d / 2, seat - 0.04, seat, cover))
    y = d / 2 - 0.03
    if rng.uniform() < 0.5:
        boxes.append(span(-w / 2, w / 2, y, d / 2, seat + 0.08, top, cover))
    else:
        boxes.append(span(-w / 2, -w / 2 + 0.04, y, d / 2, seat, top, frame))
        boxes.append(span(w / 2 - 0.04, w / 2, y, d / 2, seat, top, frame))
        for z in np.linspace(seat + 0.15, top - 0.09, 3):
            boxes.append(span(-w / 2, w / 2, y, d / 2, z, z + 0.07, frame))
    return Piece(w, d, top, boxes)


def stool(rng, palette: Palette) -> Piece:
    """Stool or bar stool."""
    w, top = rng.uniform(0.3, 0.42), rng.choice([0.45, 0.62, 0.75])
    wood = palette.wood()
    seat = span(-w / 2, w / 2, -w / 2, w / 2, top - 0.05, top, palette.fabric())
    return Piece(w, w, top, [*legs(w, w, top - 0.05, 0.035, wood), seat])


def _table(rng, palette, w, d, top) -> Piece:
    wood = palette.wood()
    boxes = legs(w, d, top - 0.04, rng.uniform(0.04, 0.08), wood)
    boxes.append(span(-w / 2, w / 2, -d / 2, d / 2, top - 0.04, top, wood))
    boxes += clutter(rng, palette, w, d, top, rng.integers(0, 5))
    return Piece(w, d, top, boxes)


def dining_table(rng, palette: Palette) -> Piece:
    """Table with chairs around it."""
    w, d = rng.uniform(1.1, 2.2), rng.uniform(0.75, 1.0)
    table = _table(rng, palette, w, d, rng.uniform(0.71, 0.77))
    state = rng.bit_generator.state
    boxes, out = list(table.boxes), rng.uniform(-0.05, 0.25)
    for side in (0, 1):
        for x in np.linspace(-w / 2, w / 2, 2 + int(w > 1.5) + 1)[1:-1]:
            if rng.uniform() < 0.15:
                continue
            twin = np.random.Generator(type(rng.bit_generator)())
            twin.bit_generator.state = state  # every chair of a table is the same model
            seat = chair(twin, _Frozen(palette, twin))
            y = d / 2 + out + rng.uniform(-0.05, 0.05)
            turn = rng.normal(0, 0.12) + (np.pi if side else 0)
            boxes += moved(seat.boxes, x, -y if side else y, 0, turn)
    return Piece(w, d + 2 * out + 0.7, table.height, boxes)


class _Frozen(Palette):
    """A palette whose draws come from another generator."""

    def __init__(self, palette: Palette, rng: np.random.Generator) -> None:
        self.__dict__.update(palette.__dict__)
        self.rng = rng


def coffee_table(rng, palette: Palette) -> Piece:
    """Low table."""
    return _table(
        rng, palette, rng.uniform(0.6, 1.2), rng.uniform(0.45, 0.75), rng.uniform(0.35, 0.48)
    )


def desk(rng, palette: Palette) -> Piece:
    """Desk with a screen, drawers and a chair before it."""
    w, d, top = rng.uniform(1.0, 1.7), rng.uniform(0.6, 0.8), rng.uniform(0.7, 0.76)
    table, metal = _table(rng, palette, w, d, top), palette.metal()
    boxes = list(table.boxes)
    if rng.uniform() < 0.8:
        s, x = rng.uniform(0.4, 0.65), rng.uniform(-w / 4, w / 4)
        boxes += screen(palette, x, 0.1, s, top, metal)
    if rng.uniform() < 0.6:
        x = w / 2 - 0.07
        boxes += drawers(rng, palette, x - 0.4, x, -d / 2 + 0.04, d / 2 - 0.05, 0.05, top - 0.05)
    if rng.uniform() < 0.75:
        seat = chair(rng, palette)
        turn = np.pi + rng.normal(0, 0.5)
        boxes += moved(seat.boxes, -0.25, -d / 2 - 0.15, 0, turn)
    boxes = moved(boxes, 0, 0.25)
    return Piece(w, d + 0.5, max(top + 0.5, 1), boxes)


def _cabinet(rng, palette, w, d, h) -> Piece:
    boxes = drawers(rng, palette, -w / 2, w / 2, -d / 2, d / 2, rng.choice([0.0, 0.08]), h)
    if h < 1.3:
        boxes += clutter(rng, palette, w, d, h, rng.integers(0, 5))
    return Piece(w, d, h, boxes)


def chest(rng, palette: Palette) -> Piece:
    """Chest of drawers or sideboard."""
    return _cabinet(
        rng, palette, rng.uniform(0.6, 1.8), rng.uniform(0.38, 0.5), rng.uniform(0.6, 1.1)
    )


def wardrobe(rng, palette: Palette) -> Piece:
    """Wardrobe or tall cupboard."""
    return _cabinet(
        rng, palette, rng.uniform(0.8, 2.2), rng.uniform(0.5, 0.65), rng.uniform(1.8, 2.25)
    )


def bookshelf(rng, palette: Palette) -> Piece:
    """Open shelf with boards and books."""
    w, d, h = rng.uniform(0.6, 1.5), rng.uniform(0.24, 0.36), rng.uniform(1.0, 2.2)
    wood, t = palette.wood(), 0.025
    boxes = [
        span(-w / 2, -w / 2 + t, -d / 2, d / 2, 0, h, wood),
        span(w / 2 - t, w / 2, -d / 2, d / 2, 0, h, wood),
        span(-w / 2, w / 2, d / 2 - 0.01, d / 2, 0, h, wood),
    ]
    levels = np.linspace(0.06, h - t, max(3, round(h / rng.uniform(0.3, 0.42))))
    for low, high in zip(levels, [*levels[1:], None], strict=True):
        boxes.append(span(-w / 2, w / 2, -d / 2, d / 2, low, low + t, wood))
        x = -w / 2 + t
        while high is not None:  # blocks of books of about one height
            bw, bh = rng.uniform(0.06, 0.3), (high - low - t) * rng.uniform(0.45, 0.95)
            if x + bw > w / 2 - t:
                break
            if rng.uniform() < 0.75:
                y, material = -d / 2 + rng.uniform(0.02, 0.1), palette.picture()
                boxes.append(
                    span(x, x + bw, y, d / 2 - 0.01, low + t, low + t + bh, material, False)
                )
            x += bw + (rng.uniform(0, 0.2) if rng.uniform() < 0.3 else 0.0)
    return Piece(w, d, h, boxes)


def sofa(rng, palette: Palette, w: float | None = None) -> Piece:
    """Sofa; an armchair where it is narrow."""
    w = w or rng.uniform(1.5, 2.4)
    d, seat, top = rng.uniform(0.8, 1.0), rng.uniform(0.38, 0.46), rng.uniform(0.7, 0.95)
    arm, back, cover = rng.uniform(0.1, 0.25), rng.uniform(0.15, 0.25), palette.fabric()
    foot, elbow = rng.uniform(0.03, 0.14), seat + rng.uniform(0.12, 0.25)
    boxes = legs(w, d, foot, 0.05, palette.wood())
    boxes += [
        span(-w / 2, w / 2, -d / 2 + 0.03, d / 2, foot, seat - 0.13, cover),
        span(-w / 2, w / 2, d / 2 - back, d / 2, foot, top, cover),
        span(-w / 2, -w / 2 + arm, -d / 2, d / 2, foot, elbow, cover),
        span(w / 2 - arm, w / 2, -d / 2, d / 2, foot, elbow, cover),
    ]
    edges = np.linspace(-w / 2 + arm, w / 2 - arm, max(1, round((w - 2 * arm) / 0.7)) + 1)
    for a, b in zip(edges[:-1] + 0.006, edges[1:] - 0.006, strict=True):
        boxes.append(span(a, b, -d / 2, d / 2 - back, seat - 0.13, seat, cover))
        y = d / 2 - back
        boxes.append(span(a, b, y - 0.13, y, seat, top + rng.uniform(-0.06, 0.06), cover))
        if rng.uniform() < 0.35:
            pillow = span(-0.2, 0.2, -0.06, 0.06, 0, 0.38, palette.fabric())
            boxes += moved([pillow], (a + b) / 2, y - 0.2, seat, rng.normal(0, 0.2))
    return Piece(w, d, top, boxes)


def armchair(rng, palette: Palette) -> Piece:
    """One-seat sofa."""
    return sofa(rng, palette, rng.uniform(0.7, 0.95))


def bed(rng, palette: Palette) -> Piece:
    """Bed with head, pillows and blanket, and bedside tables where it is wide."""
    w, d = rng.choice([0.9, 1.0, 1.4, 1.6, 1.8]), rng.uniform(1.95, 2.15)
    low, top, wood = rng.uniform(0.15, 0.3), rng.uniform(0.42, 0.6), palette.wood()
    sheet, cover = palette.white(), palette.fabric()
    boxes = [
        span(-w / 2, w / 2, d / 2 - 0.06, d / 2, 0, top + rng.uniform(0.1, 0.6), wood),
        span(-w / 2, w / 2, -d / 2, d / 2, low - 0.1, low, wood),
        span(-w / 2 + 0.03, w / 2 - 0.03, -d / 2 + 0.03, d / 2 - 0.06, low, top, sheet),
        span(-w / 2, w / 2, -d / 2, d / 2 - rng.uniform(0.5, 0.9), low + 0.02, top + 0.04, cover),
        *legs(w, d, low - 0.1, 0.07, wood),
    ]
    for x in (-w / 4, w / 4) if w > 1.2 else (0.0,):
        pillow = span(-0.3, 0.3, -0.2, 0.2, 0, 0.12, sheet)
        boxes += moved([pillow], x, d / 2 - 0.32, top, rng.normal(0, 0.08))
    width = w
    if w > 1.2:
        for side in (-1, 1):
            table = _cabinet(rng, palette, 0.45, 0.4, rng.uniform(0.4, 0.55))
            boxes += moved(table.boxes, side * (w / 2 + 0.27), d / 2 - 0.22)
        width += 1.0
    return Piece(width, d, top + 0.6, boxes)
