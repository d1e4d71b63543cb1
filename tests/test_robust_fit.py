"""Fits that a few wrong measurements do not spoil."""

from __future__ import annotations

import numpy as np
import pytest

from depthdecomp_mm.robust_fit import huber_line, relative_scale, weighted_median


def test_scale_minimises_relative_errors():
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 5, 31)
    y = x * rng.uniform(0.7, 1.3, 31)  # none is far from the others

    def loss(scale):
        return np.sum(np.abs(scale * x - y) / y)

    found = relative_scale(x, y)
    others = np.linspace(0.3, 3, 2000)
    assert loss(found) <= min(map(loss, others)) + 1e-9


@pytest.mark.parametrize('wrong', [0.1, 30.0])
def test_a_quarter_of_wrong_measurements_does_little_to_a_scale(wrong):
    rng = np.random.default_rng(1)
    x = rng.uniform(0.5, 5, 30)
    y = 0.7 * x * np.exp(0.02 * rng.standard_normal(30))
    y[:7] *= wrong
    assert relative_scale(x, y) == pytest.approx(0.7, rel=0.05)


@pytest.mark.parametrize('spread', [1e-9, 0.1, 5.0])
def test_weighted_median_is_that_of_all_sorted(spread):
    rng = np.random.default_rng(2)
    for size in (1, 2, 3, 2000):
        values, weights = np.exp(spread * rng.normal(size=size)), rng.uniform(0.1, 5, size)
        order = np.argsort(values)
        below = np.cumsum(weights[order])
        expected = values[order][np.searchsorted(below, below[-1] / 2)]
        assert weighted_median(values, weights) == expected


def test_line_of_exact_points_is_exact():
    x = np.linspace(-1, 2, 7)
    assert huber_line(x, 3 * x - 0.5) == pytest.approx((3, -0.5))
    assert huber_line(x, 3 * x - 0.5, weights=1 + x**2) == pytest.approx((3, -0.5))


def test_line_withstands_what_least_squares_does_not():
    rng = np.random.default_rng(2)
    x = rng.uniform(0.5, 5, 40)
    y = 0.8 * x + 0.3 + 0.01 * rng.standard_normal(40)
    y[:8] = rng.uniform(0, 9, 8)
    squares = np.polyfit(x, y, 1)
    assert abs(squares[0] - 0.8) > 0.05
    assert huber_line(x, y) == pytest.approx((0.8, 0.3), abs=0.03)


def test_weights_decide_between_measurements():
    x, y = np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0, 2.0])
    scale, shift = huber_line(x, y, weights=np.array([1.0, 100.0, 0.001]))
    assert scale + shift == pytest.approx(1, abs=0.01)
