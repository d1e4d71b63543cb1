"""Counting of pairs, beside NumPy and SciPy."""

import math

import numpy as np
import pytest
from scipy import stats

from depthdecomp_mm.evaluation.functional import kendall_tau
from depthdecomp_mm.evaluation.rank_correlation import dense_ranks, stable_order


@pytest.mark.parametrize('dtype', [np.float16, np.float32, np.float64, np.int32, np.uint8, bool])
def test_order_and_ranks_are_numpys(dtype):
    values = (60 * np.random.default_rng(0).normal(size=5000)).astype(dtype)
    if values.dtype.kind == 'f':
        values[:7] = [0, -0.0, np.inf, -np.inf, 0, -0.0, np.finfo(dtype).smallest_subnormal]
    assert np.array_equal(stable_order(values), np.argsort(values, kind='stable'))
    assert np.array_equal(dense_ranks(values), np.unique(values, return_inverse=True)[1])


@pytest.mark.parametrize(
    'levels_pred, levels_gt', [(10, 7), (10**7, 10), (10**7, 10**7), (10, 10**7)]
)
def test_tau_is_scipys_bit_by_bit(levels_pred, levels_gt):
    """Of more pixels than 16 bits can rank."""
    rng = np.random.default_rng(0)
    gt = rng.random(150_000)
    pred = np.floor(levels_pred * (gt + 0.3 * rng.normal(size=gt.size))).astype(np.float32)
    gt = np.floor(levels_gt * gt).astype(np.float32)
    expected = float(stats.kendalltau(gt, pred).statistic)
    assert 0.4 < expected < 0.9
    assert kendall_tau(pred, gt) == expected
    assert kendall_tau(gt, gt) <= 1 and kendall_tau(gt, gt) == pytest.approx(1, abs=1e-12)


def test_tau_of_nan_is_nan():
    ramp = np.arange(5.0)
    for pred, gt in ((ramp, ramp / [1, 1, np.nan, 1, 1]), (ramp / [np.nan, 1, 1, 1, 1], ramp)):
        assert math.isnan(kendall_tau(pred, gt))
