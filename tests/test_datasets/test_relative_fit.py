"""A relative map becomes metric by a few measured depths, or says why it does not."""

import numpy as np
import pytest
import torch

from depthdecomp_mm.datasets.relative_fit import FitError, fit_relative_map
from depthdecomp_mm.decomposition import DepthCodec
from tests.mini_sets import scene

SCALE, SHIFT = 700.0, 120.0


def frame(offset=1.0, noise=0.0, size=(48, 64)):
    """Depth in metres, and a relative map of unknown scale and shift."""
    depth = scene(3, size)[1]
    relative = SCALE / (depth + offset) + SHIFT
    rng = np.random.default_rng(0)
    return depth, relative + noise * relative.std() * rng.standard_normal(size)


def points(shape, count, seed=1):
    valid = np.zeros(shape, bool)
    valid.flat[np.random.default_rng(seed).choice(valid.size, count, replace=False)] = True
    return valid


def fit(depth, relative, valid, **kwargs):
    return fit_relative_map(relative, np.ones(depth.shape, bool), depth, valid, **kwargs)


@pytest.mark.parametrize('count', [10, 20, 150, 48 * 64])
@pytest.mark.parametrize(('encoding', 'offset'), [('code', 1), ('disparity', 0)])
def test_scale_and_shift_are_found(count, encoding, offset):
    depth, relative = frame(offset)
    fitted = fit(depth, relative, points(depth.shape, count), encoding=encoding)
    assert fitted.dtype == np.float32
    np.testing.assert_allclose(fitted, depth, rtol=1e-4)


def test_the_code_is_that_of_m_net():
    depth = frame()[0]
    relative = DepthCodec('inverse').encode(torch.from_numpy(depth)).numpy()
    np.testing.assert_allclose(fit(depth, relative, points(depth.shape, 10)), depth, rtol=1e-4)


@pytest.mark.parametrize('seed', range(10))
@pytest.mark.parametrize('count', [20, 150])
def test_gross_outliers_are_rejected(count, seed):
    """30 % of the points are wrong, all in one direction, where least squares is led astray."""
    depth, relative = frame(noise=0.05)
    valid = points(depth.shape, count, seed)
    wrong = np.flatnonzero(valid)[: int(0.3 * count)]
    measured = depth.copy()
    measured.flat[wrong] = 9.5
    code, clean = 1 / (fit(measured, relative, valid) + 1), 1 / (depth + 1)
    line = np.polyfit(relative[valid], 1 / (measured[valid] + 1), 1)
    bias = abs(code.mean() - clean.mean()) / clean.std()
    assert bias < 0.03
    assert abs(np.polyval(line, relative).mean() - clean.mean()) / clean.std() > 0.15


def test_only_what_is_known_is_fitted():
    depth, relative = frame()
    known = np.ones(depth.shape, bool)
    known[:, :20] = False
    relative[:, :20] = 1e9
    fitted = fit_relative_map(relative, known, depth, points(depth.shape, 100))
    np.testing.assert_allclose(fitted[known], depth[known], rtol=1e-4)
    assert (fitted[~known] == 0).all()


def test_what_lies_beyond_infinity_is_not_known():
    depth, relative = frame()
    relative[0] = SHIFT - 5  # farther than any depth
    fitted = fit(depth, relative, points(depth.shape, 300))
    assert (fitted[0] == 0).all() and (fitted[1:] > 0).all()


def flat(depth, relative):
    return depth, np.full_like(relative, 100)


def upside_down(depth, relative):
    return depth, -relative


def unrelated(depth, relative):
    return depth, np.random.default_rng(2).permutation(relative.ravel()).reshape(relative.shape)


@pytest.mark.parametrize(
    ('change', 'count', 'message'),
    [
        (lambda *maps: maps, 0, '0 points are measured, expected 10'),
        (lambda *maps: maps, 9, '9 points are measured, expected 10'),
        (flat, 50, 'the points vary by 0'),
        (upside_down, 50, 'expected larger = nearer'),
        (unrelated, 150, 'explains|agree'),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, count, message):
    depth, relative = change(*frame())
    with pytest.raises(FitError, match=message):
        fit(depth, relative, points(depth.shape, count))


def test_few_points_seldom_fit_an_unrelated_map():
    depth = frame()[0]
    accepted = 0
    for seed in range(40):
        relative = np.random.default_rng(seed).standard_normal(depth.shape)
        try:
            fit(depth, relative, points(depth.shape, 20, seed))
        except FitError:
            continue
        accepted += 1
    assert accepted <= 1


def test_points_of_one_place_say_nothing_of_the_rest():
    depth, relative = frame()
    valid = np.zeros(depth.shape, bool)
    valid[:8, 30:34] = True  # the back wall alone
    with pytest.raises(FitError, match='the points vary by'):
        fit(depth, relative, valid)


def test_an_empty_relative_map_is_refused():
    depth, relative = frame()
    with pytest.raises(FitError, match='0 points'):
        fit_relative_map(relative, np.zeros(depth.shape, bool), depth, depth > 0)


def test_the_same_points_give_the_same_map():
    depth, relative = frame(noise=0.2)
    valid = depth > 0  # more than the fit looks at for a start
    np.testing.assert_array_equal(fit(depth, relative, valid), fit(depth, relative, valid))
