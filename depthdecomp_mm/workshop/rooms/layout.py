"""Scenes: a furnished room, the room behind it, its lights, and where a camera can stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .boxes import Box, BoxArrays, moved, span
from .catalogue import FREE, MAKERS, ROOMS, SIZES, WALL
from .furniture import Piece
from .materials import Palette
from .shading import Light
from .shell import THICK, Room, build, next_room, sample_openings


@dataclass(frozen=True)
class Scene:
    """A scene that frames are taken of.

    Attributes:
        kind: One of ``ROOMS``.
        room: The room that cameras stand in.
        boxes: Everything solid.
        lights: Lamps, and the light of a window.
        ambient: Linear RGB.
        taken: (x0, x1, y0, y1) footprints of the furniture, metres.
    """

    kind: str
    room: Room
    boxes: BoxArrays
    lights: list[Light]
    ambient: tuple[float, float, float]
    taken: list[tuple[float, float, float, float]]


def sample_kind(rng: np.random.Generator, varied: bool) -> str:
    """Draws the kind of a room; the common ones prevail unless ``varied``."""
    weight = np.ones(len(ROOMS)) if varied else np.array([5, 5, 4, 3, 3, 1, 1, 0.5, 0.5])
    return str(rng.choice(list(ROOMS), p=weight / weight.sum()))


def sample_scene(rng: np.random.Generator, varied: bool) -> Scene:
    """Draws a scene.

    Args:
        rng: The scene's generator; the first thing drawn from it is the kind of room.
        varied: The relative part's wider choice of furniture, textures and lights.
    """
    kind = sample_kind(rng, varied)
    low, high = SIZES.get(kind, (2.8, 6.0))
    width, depth = rng.uniform(low, high, 2)
    height = rng.uniform(2.3, 2.8) + (rng.uniform(0, 1) if kind == 'hall' else 0)
    room = Room(0, width, 0, depth, height)
    palette = Palette(rng, 0.65 if varied else 0.45)
    onward = sample_openings(room, rng)
    second = next_room(room, onward, rng)
    boxes = build(room, rng, palette)
    boxes += build(second, rng, Palette(rng, palette.textures), trim=False)
    furniture, taken = furnish(room, rng, palette, kind, varied)
    other = str(rng.choice(list(ROOMS)))
    boxes += furniture + furnish(second, rng, palette, other, varied)[0]
    lights, lamps = sample_lights(room, second, rng, palette)
    tint = np.array([1.0, 1.0, 1.0]) + rng.normal(0, 0.06, 3)
    ambient = tuple((tint * rng.uniform(0.15, 0.45)).tolist())
    return Scene(kind, room, BoxArrays(boxes + lamps), lights, ambient, taken)


def sample_lights(room: Room, second: Room, rng, palette: Palette) -> tuple[list[Light], list[Box]]:
    """Lamps under both ceilings and a weak light from a window's side; and the lamps' shades."""
    lights, lamps = [], []
    for place in (room, second):
        x = rng.uniform(place.x0 * 0.7 + place.x1 * 0.3, place.x0 * 0.3 + place.x1 * 0.7)
        y = rng.uniform(place.y0 * 0.7 + place.y1 * 0.3, place.y0 * 0.3 + place.y1 * 0.7)
        drop, s = rng.choice([0.06, rng.uniform(0.3, 0.7)]), rng.uniform(0.1, 0.25)
        z = place.height - drop
        lamps.append(span(x - s, x + s, y - s, y + s, z, z + 0.06, palette.lamp(), False))
        if drop > 0.1:
            cord = span(x - 0.01, x + 0.01, y - 0.01, y + 0.01, z, place.height, palette.metal())
            lamps.append(cord)
        warm = np.array([1.0, rng.uniform(0.8, 1.0), rng.uniform(0.6, 1.0)])
        area = (place.x1 - place.x0) * (place.y1 - place.y0)
        power = (warm * rng.uniform(0.25, 0.6) * math.sqrt(area)).tolist()
        # Only the first lamp throws shadows; the other stays within its room.
        bounds = _bounds(second) if lights else None
        lights.append(Light((x, y, z - 0.1), tuple(power), rng.uniform(0.03, 0.12), bounds))
    k = next((k for k in range(4) if any(o.kind == 'window' for o in room.openings[k])), None)
    if k is not None:
        pane = room.openings[k][0]
        spot = span(*[(pane.left + pane.right) / 2] * 2, -0.4, -0.4, *[pane.high - 0.2] * 2,
                    palette.outside())  # fmt: skip
        colour = np.array([0.85, 0.93, 1.0]) * rng.uniform(0.3, 2.0)
        place = room.onto_wall(k, [spot])[0].center
        lights.append(Light(place, tuple(colour.tolist()), bounds=_bounds(room)))
    return lights, lamps


def _bounds(room: Room) -> tuple:
    edge = THICK / 2
    low = (room.x0 - edge, room.y0 - edge, -1.0)
    return low, (room.x1 + edge, room.y1 + edge, room.height + 1)


def furnish(room: Room, rng, palette: Palette, kind: str, varied: bool):
    """Furniture for a room.

    Returns:
        Its boxes, and the footprints (x0, x1, y0, y1) that they take.
    """
    walls, middle = ROOMS[kind]
    boxes, taken = [], []
    for k in range(4):  # the way through doors stays free
        for opening in (o for o in room.openings[k] if o.low == 0):
            clear = span(opening.left, opening.right, -0.9, 0, 0, 2, palette.woods[0])
            taken.append(_footprint(room.onto_wall(k, [clear])))
    doors = len(taken)
    area = (room.x1 - room.x0) * (room.y1 - room.y0)
    for _ in range(round(area * rng.uniform(0.3, 0.9)) + 2):
        names = WALL if varied and rng.uniform() < 0.35 else walls
        piece = MAKERS[str(rng.choice(names))](rng, palette)
        boxes += _against_wall(room, piece, rng, taken)
    for _ in range(round(area * rng.uniform(0.05, 0.3)) + 1):
        names = FREE if varied and rng.uniform() < 0.35 else middle
        piece = MAKERS[str(rng.choice(names))](rng, palette)
        boxes += _in_the_middle(room, piece, rng, taken)
    boxes += _pictures(room, rng, palette)
    if rng.uniform() < 0.4:
        boxes.append(_rug(room, rng, palette))
    return boxes, taken[doors:]


def _against_wall(room: Room, piece: Piece, rng, taken: list) -> list[Box]:
    for _ in range(6):
        k = int(rng.integers(4))
        length, gap = room.wall(k)[2], rng.uniform(0.02, 0.06)
        if length < piece.width + 0.1 or piece.height > room.height:
            continue
        reach = (length - piece.width) / 2 - 0.03
        x = rng.choice([-reach, reach]) if rng.uniform() < 0.35 else rng.uniform(-reach, reach)
        left, right = x - piece.width / 2, x + piece.width / 2
        if any(o.left < right and o.right > left and o.low < piece.height
               for o in room.openings[k]):  # fmt: skip
            continue
        y = -piece.depth / 2 - gap
        outline = span(left, right, y - piece.depth / 2, y + piece.depth / 2, 0, 1,
                       piece.boxes[0].material)  # fmt: skip
        if _claim(room, room.onto_wall(k, [outline]), taken, 0.04):
            return room.onto_wall(k, moved(piece.boxes, x, y))
    return []


def _in_the_middle(room: Room, piece: Piece, rng, taken: list) -> list[Box]:
    for _ in range(6):
        x, y = rng.uniform(room.x0, room.x1), rng.uniform(room.y0, room.y1)
        turn = rng.integers(4) * np.pi / 2 + (rng.normal(0, 0.25) if rng.uniform() < 0.4 else 0)
        outline = span(-piece.width / 2, piece.width / 2, -piece.depth / 2, piece.depth / 2, 0, 1,
                       piece.boxes[0].material)  # fmt: skip
        if _claim(room, moved([outline], x, y, 0, turn), taken, 0.3):
            return moved(piece.boxes, x, y, 0, turn)
    return []


def _footprint(boxes: list[Box]) -> tuple[float, float, float, float]:
    corners = BoxArrays(boxes).corners().reshape(-1, 3)
    low, high = corners.min(0), corners.max(0)
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def _claim(room: Room, outline: list[Box], taken: list, margin: float) -> bool:
    x0, x1, y0, y1 = _footprint(outline)
    if x0 < room.x0 or x1 > room.x1 or y0 < room.y0 or y1 > room.y1:
        return False
    for a0, a1, b0, b1 in taken:
        if x0 - margin < a1 and x1 + margin > a0 and y0 - margin < b1 and y1 + margin > b0:
            return False
    taken.append((x0, x1, y0, y1))
    return True


def _pictures(room: Room, rng, palette: Palette) -> list[Box]:
    boxes = []
    for _ in range(rng.integers(0, 6)):
        k, w, h = int(rng.integers(4)), rng.uniform(0.25, 1.0), rng.uniform(0.25, 0.8)
        reach = room.wall(k)[2] / 2 - w / 2 - 0.1
        if reach <= 0:
            continue
        x, z = rng.uniform(-reach, reach), rng.uniform(1.3, 1.75)
        a, b = x - w / 2, x + w / 2
        if any(o.left - 0.1 < b and o.right + 0.1 > a for o in room.openings[k]):
            continue
        frame = span(a - 0.03, b + 0.03, -0.03, 0, z - h / 2 - 0.03, z + h / 2 + 0.03,
                     palette.wood(), False)  # fmt: skip
        image = span(a, b, -0.034, -0.03, z - h / 2, z + h / 2, palette.picture(), False)
        boxes += room.onto_wall(k, [frame, image])
    return boxes


def _rug(room: Room, rng, palette: Palette) -> Box:
    w, d = (rng.uniform(0.3, 0.7) * (b - a) for a, b in ((room.x0, room.x1), (room.y0, room.y1)))
    x = rng.uniform(room.x0 + w / 2 + 0.1, room.x1 - w / 2 - 0.1)
    y = rng.uniform(room.y0 + d / 2 + 0.1, room.y1 - d / 2 - 0.1)
    return span(x - w / 2, x + w / 2, y - d / 2, y + d / 2, 0, 0.012, palette.fabric(), False)
