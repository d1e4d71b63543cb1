"""Boxes: the only solid of a scene, turned about the vertical axis alone.

World coordinates are metres, z up. A box's own axes are x (width), y (depth), z (up).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .materials import KINDS, Material


@dataclass(frozen=True)
class Box:
    """One solid box.

    Args:
        center: (x, y, z) in metres.
        size: Full extents along the box's own axes, metres.
        material: What it is made of.
        yaw: Turn about the vertical axis, radians, counter-clockwise seen from above.
        casts: Whether it throws shadows.
    """

    center: tuple[float, float, float]
    size: tuple[float, float, float]
    material: Material
    yaw: float = 0.0
    casts: bool = True


def span(x0, x1, y0, y1, z0, z1, material: Material, casts: bool = True) -> Box:
    """Axis-aligned box from its bounds in metres."""
    center = ((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2)
    return Box(center, (x1 - x0, y1 - y0, z1 - z0), material, 0.0, casts)


def moved(boxes: Iterable[Box], x=0.0, y=0.0, z=0.0, yaw=0.0) -> list[Box]:
    """Boxes turned by ``yaw`` about the origin's vertical axis, then shifted."""
    c, s = math.cos(yaw), math.sin(yaw)
    result = []
    for box in boxes:
        bx, by, bz = box.center
        center = (c * bx - s * by + x, s * bx + c * by + y, bz + z)
        result.append(replace(box, center=center, yaw=box.yaw + yaw))
    return result


class BoxArrays:
    """All boxes of a scene as arrays, one row a box.

    Attributes:
        center, half: (N, 3) float32, metres; ``half`` along the box's own axes.
        cos, sin: (N,) float32 of the yaw; right-angle turns are folded into ``half``.
        first, second: (N, 3) float32 linear albedo; ``kind``: (N,) index into ``KINDS``.
        scale, gloss, glow: (N,) float32; ``glass``, ``casts``: (N,) bool.
    """

    def __init__(self, boxes: list[Box]) -> None:
        self.center = np.array([box.center for box in boxes], np.float32)
        half = np.array([box.size for box in boxes], np.float32) / 2
        yaw = np.array([box.yaw for box in boxes])
        quarter = np.round(yaw / (np.pi / 2))
        rest = yaw - quarter * (np.pi / 2)
        rest[np.abs(rest) < 1e-6] = 0
        odd = quarter.astype(int) % 2 == 1
        half[odd, :2] = half[odd, 1::-1]
        self.half = half
        self.cos, self.sin = np.cos(rest).astype(np.float32), np.sin(rest).astype(np.float32)
        materials = [box.material for box in boxes]
        self.kind = np.array([KINDS.index(m.kind) for m in materials])
        for name in ('first', 'second', 'scale', 'gloss', 'glow'):
            setattr(self, name, np.array([getattr(m, name) for m in materials], np.float32))
        self.glass = np.array([m.glass for m in materials])
        self.casts = np.array([box.casts for box in boxes])

    def __len__(self) -> int:
        return len(self.center)

    def corners(self) -> np.ndarray:
        """(N, 8, 3) float32 corners in metres; corner k has the signs of k's three bits."""
        signs = (np.arange(8)[:, None] >> np.arange(3) & 1) * 2 - 1
        local = signs[None] * self.half[:, None]
        c, s = self.cos[:, None], self.sin[:, None]
        x = c * local[..., 0] - s * local[..., 1]
        y = s * local[..., 0] + c * local[..., 1]
        return np.stack([x, y, local[..., 2]], -1).astype(np.float32) + self.center[:, None]

    def to_local(self, points: np.ndarray, index: np.ndarray) -> np.ndarray:
        """World points (P, 3) in the own axes of the boxes named by ``index`` (P,) or int."""
        delta = points - self.center[index]
        c, s = self.cos[index], self.sin[index]
        x = c * delta[..., 0] + s * delta[..., 1]
        y = c * delta[..., 1] - s * delta[..., 0]
        return np.stack([x, y, delta[..., 2]], -1)

    def distance(self, point: np.ndarray) -> np.ndarray:
        """(N,) float32 distance in metres of one point to every box; 0 inside."""
        local = self.to_local(np.asarray(point, np.float32)[None], np.arange(len(self)))
        return np.linalg.norm(np.maximum(np.abs(local) - self.half, 0), axis=1)
