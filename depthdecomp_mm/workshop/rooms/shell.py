"""The shell of a room: floor, ceiling, walls with openings, and what is fixed to them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from .boxes import Box, moved, span
from .materials import Material, Palette

THICK = 0.12  # metres, of every wall


@dataclass(frozen=True)
class Opening:
    """A hole in a wall, in the wall's own coordinates (metres along it, and up).

    Args:
        left, right, low, high: Bounds.
        kind: 'passage', 'door' or 'window'.
    """

    left: float
    right: float
    low: float
    high: float
    kind: str


@dataclass
class Room:
    """An axis-aligned room; its inside is [x0, x1] x [y0, y1] x [0, height] metres.

    Wall k is the one that a person in the room sees looking to the south (0), east (1), north (2)
    or west (3). Along it, coordinates run from its middle to the right of who stands inside.
    """

    x0: float
    x1: float
    y0: float
    y1: float
    height: float
    openings: dict[int, list[Opening]] = field(default_factory=lambda: {k: [] for k in range(4)})

    def wall(self, k: int) -> tuple[float, float, float, float]:
        """Middle (x, y) of a wall's inside, its length, and the turn that brings +y to face it."""
        x, y = (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2
        return (
            (x, self.y0, self.x1 - self.x0, math.pi),
            (self.x1, y, self.y1 - self.y0, -math.pi / 2),
            (x, self.y1, self.x1 - self.x0, 0.0),
            (self.x0, y, self.y1 - self.y0, math.pi / 2),
        )[k]

    def onto_wall(self, k: int, boxes: list[Box]) -> list[Box]:
        """Boxes given before wall k (x along it, y into it, z up), in world coordinates."""
        x, y, _, turn = self.wall(k)
        return moved(boxes, x, y, 0, turn)


def build(room: Room, rng: np.random.Generator, palette: Palette, trim: bool = True) -> list[Box]:
    """Floor, ceiling and walls of a room, with skirting, door leaves, windows and pictures."""
    pad = THICK
    bounds = room.x0 - pad, room.x1 + pad, room.y0 - pad, room.y1 + pad
    boxes = [
        span(*bounds, -0.1, 0, palette.floor(), False),
        span(*bounds, room.height, room.height + 0.1, palette.ceiling(), False),
    ]
    walls = [palette.wall() if rng.uniform() < 0.35 else None for _ in range(4)]
    common, skirting = palette.wall(), palette.wood()
    for k in range(4):
        length = room.wall(k)[2]
        openings = sorted(room.openings[k], key=lambda opening: opening.left)
        parts = _wall(length, room.height, openings, walls[k] or common)
        if trim:
            parts += _skirting(length, openings, skirting)
        for opening in openings:
            parts += _fittings(opening, rng, palette, skirting)
        boxes += room.onto_wall(k, parts)
    return boxes


def _wall(length: float, height: float, openings: list[Opening], material: Material) -> list[Box]:
    start, end, boxes = -length / 2 - THICK, length / 2 + THICK, []
    for opening in openings:
        # Walls with holes throw shadows: light comes through the holes alone.
        a, b = opening.left, opening.right
        boxes.append(span(start, a, 0, THICK, 0, height, material))
        boxes.append(span(a, b, 0, THICK, opening.high, height, material))
        if opening.low > 0:
            boxes.append(span(a, b, 0, THICK, 0, opening.low, material))
        start = b
    boxes.append(span(start, end, 0, THICK, 0, height, material, bool(openings)))
    return boxes


def _skirting(length: float, openings: list[Opening], material: Material) -> list[Box]:
    start, boxes = -length / 2, []
    for opening in [o for o in openings if o.low == 0]:
        boxes.append(span(start, opening.left - 0.06, -0.015, 0, 0, 0.08, material, False))
        start = opening.right + 0.06
    boxes.append(span(start, length / 2, -0.015, 0, 0, 0.08, material, False))
    return boxes


def _fittings(opening: Opening, rng, palette: Palette, frame: Material) -> list[Box]:
    a, b, low, high, t = opening.left, opening.right, opening.low, opening.high, 0.06
    boxes = [
        span(a - t, a, -0.02, 0, low, high + t, frame, False),
        span(b, b + t, -0.02, 0, low, high + t, frame, False),
        span(a - t, b + t, -0.02, 0, high, high + t, frame, False),
    ]
    # Doors are shut, since nothing is behind them; the passage may have an open leaf.
    if opening.kind == 'door' or (b - a < 1.1 and rng.uniform() < 0.7):
        leaf = span(0, b - a - 0.02, -0.04, 0, 0.01, high - 0.01, palette.wood())
        knob = span(b - a - 0.12, b - a - 0.06, -0.1, 0.06, 1.0, 1.03, palette.metal(), False)
        turn = 0.0 if opening.kind == 'door' else -rng.uniform(0.7, 1.9)
        boxes += moved([leaf, knob], a + 0.01, 0.03 if turn == 0 else -0.005, 0, turn)
    if opening.kind == 'window':
        boxes.append(span(a - 0.1, b + 0.1, -0.12, 0.04, low - 0.03, low, frame))
        boxes.append(span(a, b, 0.08, 0.1, low, high, palette.outside(), False))
        for x in np.linspace(a, b, rng.integers(1, 4) + 1)[1:-1]:
            boxes.append(span(x - 0.03, x + 0.03, 0.04, 0.08, low, high, frame))
        if rng.uniform() < 0.4:
            boxes += _curtains(a, b, high, rng, palette)
        if low > 0.7 and rng.uniform() < 0.4:
            white = palette.white()
            boxes += [
                span(x, x + 0.05, -0.1, -0.02, 0.15, low - 0.15, white)
                for x in np.arange(a + 0.1, b - 0.1, 0.08)[:16]
            ]
    return boxes


def _curtains(a: float, b: float, high: float, rng, palette: Palette) -> list[Box]:
    cloth, width = palette.fabric(), rng.uniform(0.15, 0.4) * (b - a)
    boxes = [span(a - 0.2, b + 0.2, -0.13, -0.1, high + 0.06, high + 0.09, palette.metal(), False)]
    for start in (a - 0.15, b + 0.15 - width):
        folds = max(2, round(width / 0.12))
        for k in range(folds):
            x, depth = start + k * width / folds, 0.03 + 0.03 * (k % 2)
            boxes.append(span(x, x + width / folds, -0.14 - depth, -0.13, 0.05, high + 0.05, cloth))
    return boxes


def sample_openings(room: Room, rng: np.random.Generator) -> int:
    """Adds windows, doors and one passage or open door; returns the wall that leads on."""
    onward = int(rng.integers(4))
    for k in range(4):
        length = room.wall(k)[2]
        kind = 'window' if rng.uniform() < 0.4 else 'door' if rng.uniform() < 0.4 else None
        if k == onward:
            kind = 'passage'
        if kind is None:
            continue
        if kind == 'window':
            width, low = rng.uniform(0.6, 2.0), rng.uniform(0.5, 1.1)
            high = min(low + rng.uniform(0.8, 1.5), room.height - 0.2)
        else:
            width = (
                rng.choice([0.85, rng.uniform(0.9, 2.4)])
                if kind == 'passage'
                else rng.uniform(0.75, 0.95)
            )
            low, high = 0.0, min(rng.uniform(1.98, 2.15), room.height - 0.15)
        width = min(width, length - 0.6)
        left = rng.uniform(-length / 2 + 0.2, length / 2 - 0.2 - width)
        room.openings[k].append(Opening(left, left + width, low, high, kind))
    return onward


def next_room(room: Room, k: int, rng: np.random.Generator) -> Room:
    """The room behind wall k's opening, seen through it."""
    opening = room.openings[k][0]
    x, y, _, turn = room.wall(k)
    left = opening.left - rng.uniform(0.1, 2.5)
    right = opening.right + rng.uniform(0.1, 2.5)
    deep, gap = rng.uniform(1.5, 5.0), 2 * THICK
    c, s = round(math.cos(turn)), round(math.sin(turn))
    xs = sorted(x + c * u - s * v for u, v in ((left, gap), (right, gap + deep)))
    ys = sorted(y + s * u + c * v for u, v in ((left, gap), (right, gap + deep)))
    second = Room(*xs, *ys, room.height)
    # The same hole seen from behind: its middle, mirrored along the opposite wall.
    middle = (left + right) / 2
    hole = Opening(middle - opening.right, middle - opening.left, 0.0, opening.high, 'passage')
    second.openings[(k + 2) % 4].append(hole)
    return second
