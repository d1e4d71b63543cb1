"""Error measures of one image, as pure functions of its valid pixels."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from .rank_correlation import count_pairs

# Temporaries of this many pixels stay in the processor's cache.
_BLOCK = 16384


def depth_errors(pred: np.ndarray, gt: np.ndarray) -> dict[str, float]:
    """Standard errors of a metric depth map, computed in float64.

    With prediction p, ground truth g and ``e = log(p) - log(g)``:

    - ``d1``, ``d2``, ``d3``: fraction of pixels with ``max(p / g, g / p) < 1.25 ** k``
    - ``abs_rel``: ``mean(|p - g| / g)``; ``sq_rel``: ``mean((p - g) ** 2 / g)``, metres
    - ``rmse``: ``sqrt(mean((p - g) ** 2))``, metres; ``rmse_log``: ``sqrt(mean(e ** 2))``
    - ``log10``: ``mean(|log10(p) - log10(g)|)``
    - ``silog``: ``100 * sqrt(mean(e ** 2) - mean(e) ** 2)``, no change when p is scaled

    Args:
        pred: (N,) predicted depth of the valid pixels, metres, positive.
        gt: (N,) measured depth of the same pixels, metres, positive.

    Returns:
        One number for each name above.

    Raises:
        ValueError: When there is no pixel, or shapes differ.

    Examples:
        >>> errors = depth_errors(np.array([1.0, 2.0, 5.0]), np.array([1.0, 2.0, 4.0]))
        >>> round(errors['abs_rel'], 4), round(errors['rmse'], 4), round(errors['d1'], 4)
        (0.0833, 0.5774, 0.6667)
    """
    _check(pred, gt, min_pixels=1)
    starts = range(0, gt.size, _BLOCK)
    sums = sum(_error_sums(pred[i : i + _BLOCK], gt[i : i + _BLOCK]) for i in starts)
    d1, d2, d3, abs_rel, sq_rel, square, log, abs_log, log_square = (sums / gt.size).tolist()
    return dict(
        d1=d1,
        d2=d2,
        d3=d3,
        abs_rel=abs_rel,
        sq_rel=sq_rel,
        rmse=math.sqrt(square),
        rmse_log=math.sqrt(log_square),
        log10=abs_log / math.log(10),
        # Rounding may take the variance of a constant below zero.
        silog=100 * math.sqrt(max(log_square - log**2, 0.0)),
    )


def _error_sums(pred: np.ndarray, gt: np.ndarray) -> np.ndarray:
    """Sums over pixels of what :func:`depth_errors` averages: (9,) float64."""
    pred, gt = pred.astype(np.float64), gt.astype(np.float64)
    diff = pred - gt
    ratio = pred / gt
    log = np.log(ratio)
    np.maximum(ratio, gt / pred, out=ratio)
    return np.array(
        [
            np.count_nonzero(ratio < 1.25),
            np.count_nonzero(ratio < 1.25**2),
            np.count_nonzero(ratio < 1.25**3),
            np.sum(np.abs(diff) / gt),
            np.sum(diff * diff / gt),
            np.sum(diff * diff),
            np.sum(log),
            np.sum(np.abs(log)),
            np.sum(log * log),
        ]
    )


def kendall_tau(pred: np.ndarray, gt: np.ndarray, variant: Literal['a', 'b'] = 'b') -> float:
    """Kendall's rank correlation over all pairs of pixels.

    Variant ``'b'`` leaves tied pairs out of the normalisation and is +1 for equal orders. Variant
    ``'a'`` is Eq. 14: concordant minus discordant pairs, divided by the number of all pairs; ties
    keep it below 1.

    Args:
        pred: (N,) prediction, any unit, larger where the ground truth should be.
        gt: (N,) ground truth, any unit.
        variant: ``'a'`` or ``'b'``.

    Returns:
        Value in [-1, 1], higher is better; NaN where all of ``pred`` or all of ``gt`` is equal,
        since there is no order to compare.

    Raises:
        ValueError: When there is no pixel, shapes differ, or the variant is unknown.

    Examples:
        >>> kendall_tau(np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 3.0]))
        1.0
        >>> kendall_tau(np.array([3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0]))
        -1.0
    """
    if variant not in ('a', 'b'):
        raise ValueError(f"variant of Kendall's tau must be 'a' or 'b', but got {variant!r}")
    _check(pred, gt, min_pixels=1)
    if np.isnan(pred).any() or np.isnan(gt).any():
        return math.nan
    counts = count_pairs(pred, gt)
    if not (counts.untied_x and counts.untied_y):
        return math.nan
    if variant == 'a':
        return counts.score / counts.pairs
    tau = counts.score / math.sqrt(counts.untied_y) / math.sqrt(counts.untied_x)
    return min(1.0, max(-1.0, tau))  # rounding may take it beyond


def whdr(
    pred: np.ndarray,
    gt: np.ndarray,
    num_pairs: int = 50000,
    threshold: float = 0.03,
    rng: np.random.Generator | None = None,
) -> float:
    """Percentage of random pixel pairs whose ordinal relation is predicted wrongly.

    The relation of pixels i and j is +1 where ``d_i > (1 + threshold) * d_j``, -1 where
    ``d_j > (1 + threshold) * d_i``, else 0. All pairs weigh the same.

    Args:
        pred: (N,) prediction, not negative, larger where the ground truth should be.
        gt: (N,) ground truth, not negative.
        num_pairs: Number of pairs, each of two different pixels, drawn with replacement.
        threshold: Ratios up to ``1 + threshold`` count as equal.
        rng: Source of the pairs; seed 0 when not given.

    Returns:
        Value in [0, 100], lower is better.

    Raises:
        ValueError: When there are fewer than two pixels, or shapes differ.

    Examples:
        >>> whdr(np.array([1.0, 4.0]), np.array([2.0, 1.0]))  # the one pair is in the wrong order
        100.0
    """
    _check(pred, gt, min_pixels=2)
    rng = np.random.default_rng(0) if rng is None else rng
    first = rng.integers(gt.size, size=num_pairs)
    second = rng.integers(gt.size - 1, size=num_pairs)
    second += second >= first
    wrong = _relation(pred[first], pred[second], threshold) != _relation(
        gt[first], gt[second], threshold
    )
    return 100.0 * int(np.count_nonzero(wrong)) / num_pairs


def _relation(first: np.ndarray, second: np.ndarray, threshold: float) -> np.ndarray:
    """Ordinal relation of each pair: (N,) int8, one of +1, 0, -1."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    ratio = 1 + threshold
    return (first > ratio * second).astype(np.int8) - (second > ratio * first).astype(np.int8)


def _check(pred: np.ndarray, gt: np.ndarray, min_pixels: int) -> None:
    if pred.shape != gt.shape or gt.ndim != 1 or gt.size < min_pixels:
        raise ValueError(
            f'expected pred and gt as 1-D arrays of the same length, at least {min_pixels}, '
            f'but got shapes {pred.shape} and {gt.shape}'
        )
