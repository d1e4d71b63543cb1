from itertools import combinations

import numpy as np
import pytest

from depthdecomp_mm.evaluation.functional import _BLOCK, depth_errors, kendall_tau, whdr


def tau_by_counting(pred, gt, variant):
    """Count pairs one by one, in Python's whole numbers."""
    score = untied_pred = untied_gt = pairs = 0
    for i, j in combinations(range(len(gt)), 2):
        a = int(np.sign(pred[i] - pred[j]))
        b = int(np.sign(gt[i] - gt[j]))
        pairs, score = pairs + 1, score + a * b
        untied_pred, untied_gt = untied_pred + abs(a), untied_gt + abs(b)
    return score / (pairs if variant == 'a' else (untied_pred * untied_gt) ** 0.5)


def test_depth_errors_of_two_pixels_by_hand():
    errors = depth_errors(np.array([1.2, 4.0]), np.array([1.0, 2.0]))
    logs = np.log([1.2, 2.0])
    expected = dict(
        d1=0.5,
        d2=0.5,
        d3=0.5,
        abs_rel=(0.2 + 1) / 2,
        sq_rel=(0.04 + 4 / 2) / 2,
        rmse=(4.04 / 2) ** 0.5,
        rmse_log=((logs**2).sum() / 2) ** 0.5,
        log10=np.log10([1.2, 2.0]).sum() / 2,
        silog=100 * (logs[1] - logs[0]) / 2,
    )
    assert errors == pytest.approx(expected, abs=1e-12)
    assert set(errors) == set(expected)


def test_depth_errors_of_many_pixels_equal_a_whole_array_computation():
    rng = np.random.default_rng(0)
    gt = rng.uniform(0.5, 9.5, 2 * _BLOCK + 123).astype(np.float32)
    pred = (gt * rng.uniform(0.6, 1.7, gt.size)).astype(np.float32)
    errors = depth_errors(pred, gt)
    p, g = pred.astype(np.longdouble), gt.astype(np.longdouble)
    assert errors['rmse'] == pytest.approx(float(((p - g) ** 2).mean() ** 0.5), rel=1e-12)
    assert errors['silog'] == pytest.approx(float(100 * (np.log(p) - np.log(g)).std()), rel=1e-9)
    assert errors['log10'] == pytest.approx(float(abs(np.log10(p) - np.log10(g)).mean()), rel=1e-9)
    for k in (1, 2, 3):
        assert errors[f'd{k}'] == (np.maximum(p / g, g / p) < 1.25**k).mean()


def test_a_shift_and_a_scaling_show_where_they_should():
    gt = np.linspace(1, 8, 1000)
    shifted = depth_errors(gt + 0.25, gt)
    assert shifted['rmse'] == pytest.approx(0.25)
    assert shifted['abs_rel'] == pytest.approx(0.25 * (1 / gt).mean())
    scaled = depth_errors(gt * 1.1, gt)
    assert scaled['abs_rel'] == pytest.approx(0.1)
    assert scaled['rmse_log'] == pytest.approx(np.log(1.1))
    assert scaled['silog'] == pytest.approx(0, abs=1e-5)


def test_a_ratio_of_exactly_the_threshold_is_outside():
    assert depth_errors(np.array([1.25]), np.array([1.0]))['d1'] == 0
    assert depth_errors(np.array([1.0]), np.array([1.25]))['d1'] == 0


@pytest.mark.parametrize('variant', ['a', 'b'])
@pytest.mark.parametrize('levels', [3, 12, 10**6])
@pytest.mark.parametrize('dtype', [np.float32, np.float64])
def test_kendall_tau_equals_counting_pairs(variant, levels, dtype):
    rng = np.random.default_rng(levels)
    gt = rng.integers(levels, size=150).astype(dtype)
    pred = (gt + rng.integers(-levels // 2, levels // 2 + 1, size=150)).astype(dtype)
    expected = tau_by_counting(pred, gt, variant)
    assert -1 < expected < 1
    assert kendall_tau(pred, gt, variant) == pytest.approx(
        expected, abs=1e-15 if variant == 'a' else 1e-12
    )
    assert kendall_tau(-pred, gt, variant) == -kendall_tau(pred, gt, variant)


@pytest.mark.parametrize('variant', ['a', 'b'])
def test_kendall_tau_of_a_constant_is_nan(variant):
    ramp, flat = np.arange(5.0), np.ones(5)
    assert np.isnan(kendall_tau(flat, ramp, variant))
    assert np.isnan(kendall_tau(ramp, flat, variant))


def test_kendall_tau_refuses_an_unknown_variant():
    with pytest.raises(ValueError, match="'c'"):
        kendall_tau(np.arange(5.0), np.arange(5.0), 'c')


def test_whdr_approaches_the_share_of_all_pairs():
    rng = np.random.default_rng(0)
    gt = rng.uniform(1, 9, 60)
    pred = gt * np.exp(rng.normal(0, 0.2, 60))

    def relation(a, b):
        return 1 if a / b > 1.03 else -1 if b / a > 1.03 else 0

    pairs = list(combinations(range(60), 2))
    wrong = sum(relation(gt[i], gt[j]) != relation(pred[i], pred[j]) for i, j in pairs)
    share = wrong / len(pairs)
    # Five standard deviations of the share of 200000 draws.
    margin = 500 * (share * (1 - share) / 200000) ** 0.5
    assert whdr(pred, gt, 200000, 0.03, np.random.default_rng(1)) == pytest.approx(
        100 * share, abs=margin
    )


@pytest.mark.parametrize(
    'pred, expected',
    [((1.0, 1.02), 0), ((1.02, 1.0), 0), ((1.0, 1.04), 100), ((1.04, 1.0), 100)],
)
def test_whdr_counts_ratios_within_the_threshold_as_equal(pred, expected):
    # With two pixels every pair is (0, 1) or (1, 0), never a pixel with itself.
    assert whdr(np.array(pred), np.array([2.0, 2.0]), 100) == expected


def test_whdr_tells_the_direction():
    gt = np.array([1.0, 2.0, 4.0])
    assert whdr(gt**2, gt, 1000) == 0
    assert whdr(1 / gt, gt, 1000) == 100
    assert whdr(np.ones(3), gt, 1000) == 100


@pytest.mark.parametrize('function', [depth_errors, kendall_tau, whdr])
@pytest.mark.parametrize('shapes', [((0,), (0,)), ((3,), (4,)), ((2, 3), (2, 3))])
def test_unfit_shapes_are_refused(function, shapes):
    with pytest.raises(ValueError, match='1-D arrays of the same length'):
        function(np.ones(shapes[0]), np.ones(shapes[1]))
