"""Procedural textures: how much of a material's second colour shows at a point of a surface."""

from __future__ import annotations

import numpy as np

from .materials import KINDS


def _hash(i: np.ndarray, j: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Repeatable uniform numbers in 0..1 for integer cells."""
    with np.errstate(over='ignore'):
        i, j, seed = (a.astype(np.int64).astype(np.uint32) for a in (i, j, seed))
        h = i * np.uint32(374761393) + j * np.uint32(668265263) + seed * np.uint32(974634479)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(1274126177)
        h ^= h >> np.uint32(16)
    return h.astype(np.float32) * np.float32(2**-32)


def value_noise(u: np.ndarray, v: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Smooth noise in 0..1 with features of unit size."""
    i, j = np.floor(u), np.floor(v)
    a, b = u - i, v - j
    a, b = a * a * (3 - 2 * a), b * b * (3 - 2 * b)
    top = _hash(i, j, seed) * (1 - a) + _hash(i + 1, j, seed) * a
    low = _hash(i, j + 1, seed) * (1 - a) + _hash(i + 1, j + 1, seed) * a
    return top * (1 - b) + low * b


def _soft(x: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Step at 0 that is as wide as a pixel."""
    return np.clip(x / np.maximum(width, 1e-4) + 0.5, 0, 1)


def _wave(x: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Square wave of period 2."""
    phase = x - 2 * np.floor(x / 2)
    return _soft(0.5 - np.abs(phase - 1), width)


def _grout(u: np.ndarray, v: np.ndarray, width: np.ndarray) -> np.ndarray:
    edge = np.minimum(np.abs(u - np.round(u)), np.abs(v - np.round(v)))
    return _soft(0.04 - edge, np.maximum(width, 0.02)) * np.clip(0.08 / (width + 1e-4), 0, 1)


def _noise(u, v, width, seed):
    return 0.6 * value_noise(u, v, seed) + 0.4 * value_noise(2.7 * u, 2.7 * v, seed + 1)


def _tiles(u, v, width, seed):
    tone = _hash(np.floor(u + 0.5), np.floor(v + 0.5), seed)
    return np.clip(0.25 * tone + _grout(u, v, width), 0, 1)


def _bricks(u, v, width, seed):
    v = v * 2.5
    u = u + 0.5 * (np.floor(v + 0.5) % 2)
    return _tiles(u, v, width, seed)


def _boards(u, v, width, seed):
    row = np.floor(u)
    v = v / 6 + _hash(row, row, seed)
    tone = _hash(row, np.floor(v), seed)
    seam = _soft(0.03 - np.abs(u - np.round(u)), np.maximum(width, 0.02))
    grain = value_noise(u * 5, v * 4, seed)
    return np.clip(
        0.55 * tone + 0.25 * grain + 0.5 * seam * np.clip(0.2 / (width + 1e-4), 0, 1), 0, 1
    )


def _wood(u, v, width, seed):
    return 0.7 * value_noise(u * 2, v * 0.15, seed) + 0.3 * value_noise(u * 7, v * 0.5, seed + 1)


def _marble(u, v, width, seed):
    warp = value_noise(u, v, seed) + 0.5 * value_noise(2 * u, 2 * v, seed + 1)
    return np.abs(np.sin(2 * u + v + 7 * warp)) ** 0.5


def _dots(u, v, width, seed):
    radius = np.hypot(u - np.round(u), v - np.round(v))
    return _soft(0.25 - radius, width)


_PATTERNS = {
    'noise': (_noise, 0.5),
    'stripes': (lambda u, v, width, seed: _wave(u, width), 0.5),
    'checker': (
        lambda u, v, width, seed: np.abs(_wave(u, width) - _wave(v, width)), 0.5,
    ),
    'tiles': (_tiles, 0.2),
    'bricks': (_bricks, 0.2),
    'boards': (_boards, 0.45),
    'wood': (_wood, 0.5),
    'marble': (_marble, 0.7),
    'dots': (_dots, 0.2),
}  # fmt: skip


def mix(kind: np.ndarray, u: np.ndarray, v: np.ndarray, pixel: np.ndarray, seed: np.ndarray):
    """Share of the second colour at each point.

    Args:
        kind: (P,) index into ``KINDS``.
        u: (P,) float32 surface coordinate in units of the texture.
        v: (P,) the other coordinate.
        pixel: (P,) size of a pixel on the surface in the same unit; finer detail fades out.
        seed: (P,) integers that tell surfaces of one material apart.

    Returns:
        (P,) float32 in 0..1.
    """
    share = np.zeros(u.shape, np.float32)
    for code in np.unique(kind):
        name = KINDS[code]
        if name == 'plain':
            continue
        pattern, mean = _PATTERNS[name]
        chosen = np.flatnonzero(kind == code)
        width = pixel[chosen]
        value = pattern(u[chosen], v[chosen], width, seed[chosen])
        fade = np.clip(1.6 - 1.2 * width, 0, 1)
        share[chosen] = mean + (value - mean) * fade
    return share
