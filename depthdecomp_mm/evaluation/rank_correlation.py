"""Pairs in the same and in opposite order, counted exactly."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

_FEW_BITS = 16
"""Width of the integers that NumPy sorts by counting, several times as fast as wider ones."""


@dataclass
class PairCounts:
    """The pairs of N points in the plane.

    Attributes:
        pairs: All of them.
        score: Those that x and y order alike, less those that they order in opposite ways.
        untied_x, untied_y: Those whose x, and whose y, differ.
    """

    pairs: int
    score: int
    untied_x: int
    untied_y: int


def count_pairs(x: np.ndarray, y: np.ndarray) -> PairCounts:
    """Count the pairs of points, in O(N log N).

    SciPy sorts by x and then by y. The first is fast where x is sorted, and the second where both
    have few bits, so it gets the points in groups of x. Pairs of points of two groups are counted
    by how often either has each y.

    Args:
        x: (N,), none of them NaN.
        y: (N,), none of them NaN.
    """
    order, x = sorted_ranks(x)
    y = dense_ranks(y)[order]
    bounds = np.searchsorted(x, np.arange(0, x[-1] + 1, 2**_FEW_BITS))
    few_bits = x.astype(np.uint16)  # the last ones
    score = tied_x = 0
    before = np.zeros(int(y.max()) + 1, np.int64)
    for start, stop in itertools.pairwise([*bounds, x.size]):
        here = np.bincount(y[start:stop], minlength=before.size)
        tied = _tied_pairs(np.bincount(few_bits[start:stop]))
        score += _score(few_bits[start:stop], y[start:stop], tied, _tied_pairs(here))
        up_to = before.cumsum()
        smaller, larger = up_to - before, up_to[-1] - up_to
        score += int(here @ (smaller - larger))
        tied_x += tied
        before += here
    pairs = _pairs(x.size)
    return PairCounts(pairs, score, pairs - tied_x, pairs - _tied_pairs(before))


def _score(x: np.ndarray, y: np.ndarray, tied_x: int, tied_y: int) -> int:
    from scipy import stats  # slow to import

    untied_x, untied_y = _pairs(x.size) - tied_x, _pairs(x.size) - tied_y
    if not (untied_x and untied_y):
        return 0
    tau = float(stats.kendalltau(y, x).statistic)  # whose first sort is of its second argument
    # a whole number, which rounding restores exactly
    return round(tau * math.sqrt(untied_x) * math.sqrt(untied_y))


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _tied_pairs(counts: np.ndarray) -> int:
    """Pairs of equal values, by how often each value is there."""
    return int(counts @ (counts - 1)) // 2


def dense_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks of values from 0 on, the same for equal ones, of the smallest type that holds them.

    Args:
        values: (N,), none of them NaN.
    """
    order, ordered = sorted_ranks(values)
    ranks = np.empty(values.size, np.min_scalar_type(ordered[-1]))
    ranks[order] = ordered
    return ranks


def sorted_ranks(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,) indices that sort values, and the ranks of the sorted ones; see :func:`dense_ranks`."""
    order = stable_order(values)
    ordered = values[order]
    ranks = np.zeros(values.size, np.int64)
    np.cumsum(ordered[1:] != ordered[:-1], out=ranks[1:])
    return order, ranks


def stable_order(values: np.ndarray) -> np.ndarray:
    """What ``np.argsort(values, kind='stable')`` returns, several times as fast.

    Floating-point numbers are in the order of their bits, and so can be sorted by a few bits at a
    time.

    Args:
        values: (N,), none of them NaN.
    """
    first, *others = _digits(values)
    order = np.argsort(first, kind='stable')
    for digit in others:
        order = order[np.argsort(digit[order], kind='stable')]
    return order


def _digits(values: np.ndarray) -> list[np.ndarray]:
    """Integers that order values as they are ordered, by the last one first and so on."""
    if values.dtype not in (np.float16, np.float32, np.float64):
        return [values]
    width = 8 * values.itemsize
    bits = (values + values.dtype.type(0)).view(f'i{values.itemsize}')  # -0.0 and 0.0 are equal
    bits ^= (bits >> (width - 1)) & np.iinfo(bits.dtype).max  # else larger ones are nearer to -inf
    low = [(bits >> shift).astype(np.uint16) for shift in range(0, width - _FEW_BITS, _FEW_BITS)]
    return [*low, (bits >> (width - _FEW_BITS)).astype(np.int16)]
