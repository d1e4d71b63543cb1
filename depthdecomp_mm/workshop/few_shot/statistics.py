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


def mean_of(values: np.ndarray) -> Mean:
    """The mean of (seeds, images) errors."""
    means = _drawn(values)
    return Mean(float(values.mean()), float(means.std()), len(values))


def _drawn(values: np.ndarray) -> np.ndarray:
    """Means over seeds and images drawn with replacement; the draws are always the same."""
    rng = np.random.default_rng(0)
    count, images = values.shape
    pictures = rng.integers(images, size=(DRAWS, images))
    runs = rng.integers(count, size=(DRAWS, count))
    return np.array([values[r][:, p].mean() for r, p in zip(runs, pictures, strict=True)])
