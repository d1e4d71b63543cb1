"""Pictures of the decomposition of a depth map: normalized map, gradients and mean."""

from __future__ import annotations

import numpy as np

from .colormap import INVALID_COLOR, colorize, value_range
from .panel import ColorBar, Tile

SIGNED = 'RdBu_r'


def normalized_tile(values: np.ndarray, valid: np.ndarray, cmap: str) -> Tile:
    """A normalized map N (H, W), z-scores (Eq. 1)."""
    return map_tile('Normalised map N', values, valid, cmap)


def gradient_tiles(values: np.ndarray, valid: np.ndarray) -> list[Tile]:
    """Gradients Gx and Gy (2, H, W) of a normalized map (Eq. 4), in one colour range, 0 white."""
    limit = value_range(np.abs(values[valid]))[1]
    titles = 'Gradient Gx', 'Gradient Gy'
    return [
        map_tile(title, v, mask, SIGNED, limits=(-limit, limit))
        for title, v, mask in zip(titles, values, valid, strict=True)
    ]


def mean_in_words(mean: float, representation: str) -> str:
    """The mean of a depth map in metres, and in its representation where that is another.

    Args:
        mean: In the representation.
        representation: ``'inverse'`` for ``1 / (d + 1)`` (Eq. 12), or ``'depth'`` for metres.
    """
    if representation == 'depth':
        return f'{mean:.3f} m'
    return f'{mean:.3f} ({1 / mean - 1:.3f} m)' if mean > 0 else f'{mean:.3f} (beyond any depth)'


def map_tile(
    title: str,
    values: np.ndarray,
    valid: np.ndarray,
    cmap: str,
    unit: str = 'unitless',
    limits: tuple[float, float] | None = None,
) -> Tile:
    """A picture of a map with its scale, and its range in words.

    Args:
        title: Words above it.
        values: (H, W).
        valid: (H, W) bool, False where it is drawn grey.
        cmap: Name of a colour map of Matplotlib.
        unit: Of the values.
        limits: Values of the first and last colour, by default percentiles of the valid ones.
    """
    measured = values[valid]
    if measured.size == 0:
        return Tile(title, np.full((*values.shape, 3), INVALID_COLOR, np.uint8), note='none valid')
    limits = limits or value_range(measured)
    note = f'values {measured.min():.3f} to {measured.max():.3f}'
    return Tile(title, colorize(values, *limits, cmap, ~valid), ColorBar(cmap, *limits, unit), note)
