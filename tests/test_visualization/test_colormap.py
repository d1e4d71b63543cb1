import matplotlib
import numpy as np
import pytest

from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.visualization.colormap import INVALID_COLOR, colorize, common_range, value_range


@pytest.mark.parametrize('cmap', ['magma_r', 'turbo'])
def test_colors_are_those_of_matplotlib_from_end_to_end(cmap):
    values = np.array([[-9, 2, 3.25, 4, 99]], dtype=np.float32)
    expected = matplotlib.colormaps[cmap](np.array([0, 0, 159, 255, 255]), bytes=True)[:, :3]
    colors = colorize(values, 2, 4, cmap)
    assert colors.dtype == np.uint8
    assert colors[0].tolist() == expected.tolist()


def test_invalid_pixels_are_grey_and_leave_the_others_alone():
    values = np.array([[1, np.nan, np.inf, 0, 2]], dtype=np.float32)
    mask = np.array([[False, False, False, True, False]])
    colors = colorize(values, 1, 2, invalid_mask=mask)
    assert (colors[0, 1:4] == INVALID_COLOR).all()
    assert not (colors[0, [0, 4]] == INVALID_COLOR).all(axis=1).any()
    assert len(set(INVALID_COLOR)) == 1


@pytest.mark.parametrize('limits', [(1, 1), (2, 1), (np.nan, 1)])
def test_senseless_limits_are_refused(limits):
    with pytest.raises(ValueError, match='vmin < vmax'):
        colorize(np.ones((2, 2)), *limits)


def test_unknown_colormap_is_refused_by_name():
    with pytest.raises(ConfigError, match='rainbowish'):
        colorize(np.ones((2, 2)), 0, 1, 'rainbowish')


def test_value_range_is_between_percentiles_and_ignores_what_is_not_finite():
    values = np.r_[np.arange(101.0), np.nan, np.inf]
    assert value_range(values) == pytest.approx((2, 98))
    assert value_range(values, 0, 50) == pytest.approx((0, 50))


@pytest.mark.parametrize('values', [[], [np.nan], [0, 0], [3, 3, 3], [-7.0, -7.0], [1e6, 1e6]])
def test_value_range_always_suits_colorize(values):
    values = np.array(values, dtype=np.float32)
    vmin, vmax = value_range(values)
    assert vmin < vmax
    colorize(np.zeros((2, 2)), vmin, vmax)


def test_a_common_range_holds_that_of_each_map_that_has_values():
    near, far, empty = np.linspace(1, 2, 101), np.linspace(6, 9, 101), np.full(5, np.nan)
    assert common_range(near, empty, far) == (value_range(near)[0], value_range(far)[1])
    assert common_range(far) == value_range(far) and common_range(empty) == value_range(empty)
