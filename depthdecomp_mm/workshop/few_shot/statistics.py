"""Means over seeds and images, and how sure they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

DRAWS = 2000


class Mean(NamedTuple):
    """A mean over seeds and images.

    Attributes:
        value: The mean.
        error: Its standard error: the deviation of means over seeds and images drawn anew.
        seeds: Number of seeds.
    """

    value: float
    error: float
    seeds: int


def values_of(seeds: Mapping[str, Mapping], part: str, key: str) -> np.ndarray:
    """Errors of a run's seeds on a list: (seeds, images)."""
    return np.array([seeds[seed][part][key] for seed in sorted(seeds)])


class Lead(NamedTuple):
    """How much the mean of one run lies above that of another, on the same images.

    Attributes:
        value: The first mean less the second.
        low: Lower end of the 95 % interval of seeds and images drawn anew.
        high: Upper end.
    """

    value: float
    low: float
    high: float


def mean_of(values: np.ndarray) -> Mean:
    """The mean of (seeds, images) errors."""
    means = _drawn(values, 0)
    return Mean(float(values.mean()), float(means.std()), len(values))


def lead_of(first: np.ndarray, second: np.ndarray) -> Lead:
    """Compare (seeds, images) errors of the same images; the seeds are drawn for each apart."""
    drawn = _drawn(first, 1) - _drawn(second, 2)
    return Lead(float(first.mean() - second.mean()), *np.percentile(drawn, [2.5, 97.5]).tolist())


def _drawn(values: np.ndarray, key: int) -> np.ndarray:
    """Means over seeds and images drawn with replacement.

    The draws are always the same. Those of seeds follow from ``key``, those of images do not.
    """
    count, images = values.shape
    pictures = np.random.default_rng(0).integers(images, size=(DRAWS, images))
    runs = np.random.default_rng([0, key]).integers(count, size=(DRAWS, count))
    return np.array([values[r][:, p].mean() for r, p in zip(runs, pictures, strict=True)])
