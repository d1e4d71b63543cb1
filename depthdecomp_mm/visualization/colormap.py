"""From a map of numbers to a picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from depthdecomp_mm.errors import ConfigError

INVALID_COLOR = (176, 176, 176)
NEAR_IS_LARGE, NEAR_IS_SMALL = 'plasma', 'plasma_r'
"""Colours in which near is bright, and far is dark but never black: of disparity, and of depth."""


@lru_cache(maxsize=16)
def lookup_table(cmap: str) -> np.ndarray:
    """Return a colour map of Matplotlib, such as 'plasma', as (256, 3) uint8 RGB.

    Raises:
        ConfigError: When Matplotlib has no colour map of that name.
    """
    import matplotlib  # slow to import

    if cmap not in matplotlib.colormaps:
        raise ConfigError(f'Matplotlib has no colour map {cmap!r}')
    return matplotlib.colormaps[cmap](np.linspace(0, 1, 256), bytes=True)[:, :3]


def colorize(
    values: np.ndarray,
    vmin: float,
    vmax: float,
    cmap: str = NEAR_IS_SMALL,
    invalid_mask: np.ndarray | None = None,
) -> np.ndarray:
    """Colour a map of numbers.

    Args:
        values: (H, W), any unit. NaN and infinity are invalid.
        vmin: Value of the first colour; smaller ones have it too.
        vmax: Value of the last colour; larger ones have it too.
        cmap: Name of a colour map of Matplotlib; by default small depth
            is bright.
        invalid_mask: (H, W) bool, True where the pixel is drawn grey.

    Returns:
        (H, W, 3) uint8 RGB.

    Raises:
        ValueError: When ``vmin < vmax`` does not hold.
        ConfigError: When Matplotlib has no colour map of that name.
    """
    if not vmin < vmax:
        raise ValueError(f'expected vmin < vmax, but got {vmin} and {vmax}')
    values = np.asarray(values, dtype=np.float32)
    invalid = ~np.isfinite(values)
    if invalid_mask is not None:
        invalid |= invalid_mask
    levels = np.clip((np.where(invalid, vmin, values) - vmin) / (vmax - vmin), 0, 1)
    image = lookup_table(cmap)[(levels * 255).round().astype(np.uint8)]
    image[invalid] = INVALID_COLOR
    return image


def value_range(values: np.ndarray, low: float = 2, high: float = 98) -> tuple[float, float]:
    """Find a range to colour with, which a few outliers do not stretch.

    Args:
        values: Any shape; NaN and infinity do not count.
        low: Percentile of the lower end.
        high: Percentile of the upper end.

    Returns:
        ``vmin < vmax``, also for a constant map; (0, 1) without any value.
    """
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0, 1.0
    vmin, vmax = (float(value) for value in np.percentile(values, (low, high)))
    margin = max(0.01 * abs(vmin), 1e-3)
    return (vmin, vmax) if vmax - vmin > 1e-6 * abs(vmax) else (vmin - margin, vmax + margin)


def common_range(*maps: np.ndarray) -> tuple[float, float]:
    """Find a range to colour several maps with, in which each shows its structure.

    It reaches from the lowest to the highest end of their own ranges: of no map more than a few
    outliers at either end are beyond it, however far apart the maps are.

    Args:
        *maps: Any shapes, as :func:`value_range` takes them; those without any value do not count.
    """
    ranges = [value_range(values) for values in maps if np.isfinite(values).any()]
    lows, highs = zip(*ranges or [(0.0, 1.0)], strict=True)
    return min(lows), max(highs)
