"""How far a mean over images would lie elsewhere, had other images been taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

CONFIDENCE = 0.95
DRAWS = 2000
SEED = 0


class Estimate(NamedTuple):
    """A mean over images and the interval that it is known to.

    Attributes:
        mean: NaN where there is no image.
        low: Lower end of the 95 % interval; NaN where there are fewer than two images.
        high: Upper end.
        images: Number of images.
    """

    mean: float
    low: float
    high: float
    images: int


class Difference(NamedTuple):
    """How much the mean of one model lies above that of another, on the same images.

    Attributes:
        first: Mean of the first model.
        second: Mean of the second.
        estimate: Of the differences, first minus second, image by image.
        verdict: ``'better'``, ``'worse'`` or ``'cannot be told'``, of the first.
    """

    first: float
    second: float
    estimate: Estimate
    verdict: str


def estimate(
    values: Sequence[float], weights: Sequence[float] | None = None, power: int = 1
) -> Estimate:
    """The mean over images and its 95 % interval, by the percentiles of bootstrap draws.

    Of the same values the interval is always the same, in whatever order they come.

    Args:
        values: One of each image; NaN does not count.
        weights: How much each image counts, such as its pixels; all alike by default.
        power: Of which the mean is taken before the root: 2 for a root of mean squares.

    Examples:
        >>> found = estimate([0.4, 0.5, 0.6, 0.7])
        >>> round(found.mean, 2), found.low < found.mean < found.high, found.images
        (0.55, True, 4)
        >>> round(estimate([1.0, 3.0], weights=[3.0, 1.0], power=2).mean, 3)
        1.732
    """
    weights = np.ones(len(values)) if weights is None else weights
    pairs = sorted(pair for pair in zip(values, weights, strict=True) if not math.isnan(pair[0]))
    if not pairs:
        return Estimate(math.nan, math.nan, math.nan, 0)
    value, weight = np.array(pairs).T
    sums = weight * value**power
    mean = (math.fsum(sums) / math.fsum(weight)) ** (1 / power)
    return Estimate(mean, *interval(sums, weight, power), len(pairs))


def interval(
    sums: Sequence[float], weights: Sequence[float], power: int = 1
) -> tuple[float, float]:
    """The ends of the 95 % interval of a weighted mean, by the percentiles of bootstrap draws.

    Args:
        sums: Of each image or place its values, summed up.
        weights: How much each counts, such as the number of its values.
        power: See :func:`estimate`.

    Returns:
        NaN where there are fewer than two.
    """
    if len(sums) < 2:
        return math.nan, math.nan
    found = stats.bootstrap(
        (sums, weights),
        lambda a, b, axis: (a.sum(axis) / b.sum(axis)) ** (1 / power),
        n_resamples=DRAWS,
        paired=True,
        vectorized=True,
        confidence_level=CONFIDENCE,
        method='percentile',
        random_state=np.random.default_rng(SEED),
    ).confidence_interval
    return float(found.low), float(found.high)


def compare_paired(
    first: Sequence[float], second: Sequence[float], higher_is_better: bool
) -> Difference:
    """Say whether a model is better than another, image by image.

    It is where the 95 % interval of the mean difference leaves 0 out. That a scene is hard for both
    does not count, which an interval of each alone cannot leave out.

    Args:
        first: A metric of the first model, one value of each image.
        second: That of the second model, of the same images; a NaN of either leaves an image out.
        higher_is_better: Whether the metric grows with quality.

    Raises:
        ValueError: If the numbers of images differ.

    Examples:
        >>> compare_paired([0.4, 0.5, 0.6], [0.5, 0.6, 0.7], higher_is_better=False).verdict
        'better'
    """
    pairs = [
        (a, b) for a, b in zip(first, second, strict=True) if not (math.isnan(a) or math.isnan(b))
    ]
    difference = estimate([a - b for a, b in pairs])
    means = (math.fsum(side) / len(pairs) for side in zip(*pairs, strict=True))
    one, other = means if pairs else (math.nan, math.nan)
    return Difference(one, other, difference, _verdict(difference, higher_is_better))


def _verdict(difference: Estimate, higher_is_better: bool) -> str:
    if difference.low > 0:
        return 'better' if higher_is_better else 'worse'
    if difference.high < 0:
        return 'worse' if higher_is_better else 'better'
    return 'cannot be told'
