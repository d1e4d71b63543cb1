"""Fits that a few wrong measurements do not spoil."""

from __future__ import annotations

import numpy as np

HUBER = 1.345
"""Residuals beyond so many deviations count less; 95 % efficient where none is wrong."""
STEPS = 50
HEAVIEST = 2.0
"""What a pair may weigh in a median, where the middle one weighs 1."""


def relative_scale(x: np.ndarray, y: np.ndarray, heaviest: float = HEAVIEST) -> float:
    """The ``scale`` for which the sum of ``|scale * x - y| / y`` is smallest, with a precaution.

    That is the median of ``y / x`` with weights ``x / y``, in closed form. The precaution: no pair
    weighs more than ``heaviest`` of the middle, so that a few with y far too small do not decide.

    Args:
        x: (N,) positive.
        y: (N,) positive.
        heaviest: What a pair may weigh; infinite for the smallest sum itself.

    Examples:
        >>> relative_scale(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 90.0]))
        2.0
    """
    ratios = y / x
    return weighted_median(ratios, np.minimum(np.median(ratios) / ratios, heaviest))


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The smallest value that half of the weight does not exceed, several times as fast as sorting.

    Only values are sorted that share their leading bits with it.

    Args:
        values: (N,), positive.
        weights: (N,), positive.

    Examples:
        >>> weighted_median(np.array([3.0, 1.0, 2.0]), np.array([5.0, 1.0, 1.0]))
        3.0
    """
    values = values.astype(np.float64)
    leading = values.view(np.int64) >> 40  # those of positive numbers are in their order
    leading -= leading.min()
    below = np.cumsum(np.bincount(leading, weights))
    middle = np.searchsorted(below, below[-1] / 2)
    shared = np.flatnonzero(leading == middle)
    order = shared[np.argsort(values[shared])]
    left = below[-1] / 2 - (below[middle - 1] if middle else 0)
    place = np.searchsorted(np.cumsum(weights[order]), left)
    return float(values[order[min(place, order.size - 1)]])  # which rounding may pass


def huber_line(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float]:
    """The ``scale`` and ``shift`` by which ``scale * x + shift`` meets y, in Huber's sense.

    Least squares, weighted anew until the weights stay: residuals count by their square up to 1.345
    robust deviations, and by their size beyond.

    Args:
        x: (N,), of two values at least.
        y: (N,).
        weights: (N,) factors of the residuals, positive; 1 by default.

    Examples:
        >>> x = np.arange(9.0)
        >>> y = 2 * x + 1
        >>> y[4] = 50  # one is wrong
        >>> scale, shift = huber_line(x, y)
        >>> round(scale, 3), round(shift, 3)
        (2.0, 1.0)
    """
    weights = np.ones_like(x) if weights is None else weights
    design, target = np.stack([x, np.ones_like(x)], 1) * weights[:, None], y * weights
    trust = np.ones_like(x)
    for _ in range(STEPS):
        root = np.sqrt(trust)
        line = np.linalg.lstsq(design * root[:, None], target * root, rcond=None)[0]
        residuals = np.abs(design @ line - target)
        limit = HUBER * 1.4826 * np.median(residuals) + 1e-9 * np.abs(target).max()
        before, trust = trust, np.minimum(1, limit / np.maximum(residuals, limit))
        if np.allclose(before, trust, atol=1e-6):
            break
    return float(line[0]), float(line[1])
