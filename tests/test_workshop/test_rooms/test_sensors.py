"""Measurements of the simulated depth cameras."""

import numpy as np
import pytest

from depthdecomp_mm.workshop.rooms.sensors import kinect_depth, occlusion_shadow, stereo_disparity

SHAPE = (120, 160)
FOCAL = 130.0


def measure(metres, **surface):
    ones = np.ones(SHAPE, np.float32)
    defaults = dict(luminance=0.5 * ones, cosine=ones, gloss=0 * ones, lost=ones < 0)
    depth = np.broadcast_to(np.float32(metres), SHAPE)
    return kinect_depth(depth, FOCAL, **{**defaults, **surface}, rng=np.random.default_rng(0))


def test_noise_grows_with_the_square_of_depth():
    near, middle, far = (measure(z)[measure(z) > 0] for z in (1.5, 3.0, 6.0))
    assert near.mean() == pytest.approx(1500, rel=0.01)
    assert far.mean() == pytest.approx(6000, rel=0.02)
    assert 3 < middle.std() / near.std() < 5
    assert 3 < far.std() / middle.std() < 5


def test_stored_depths_are_whole_disparity_steps():
    stored = measure(4.0)
    levels = np.unique(stored[stored > 0]).astype(float)
    steps = 351.3 / (levels / 1000)
    assert stored.dtype == np.uint16
    np.testing.assert_allclose(np.diff(steps), np.round(np.diff(steps)), atol=0.02)
    np.testing.assert_allclose(np.diff(levels), 4000**2 / 351300, rtol=0.1)


@pytest.mark.parametrize(
    ('metres', 'surface'),
    [
        (12.0, {}),
        (0.3, {}),
        (2.0, dict(lost=np.ones(SHAPE, bool))),
        (2.0, dict(luminance=np.full(SHAPE, 1e-3, np.float32))),
        (2.0, dict(cosine=np.full(SHAPE, 0.01, np.float32))),
    ],
)
def test_nothing_is_measured_out_of_range_or_without_return(metres, surface):
    assert not measure(metres, **surface).any()


def test_border_band_is_not_measured():
    stored = measure(2.0)
    assert (stored > 0).mean() > 0.75
    assert not stored[:4].any() and not stored[:, :3].any() and not stored[:, -3:].any()


@pytest.mark.parametrize('baseline', [0.2, -0.2])
def test_occlusion_shadow_has_the_width_of_the_disparity_step(baseline):
    depth = np.full(SHAPE, 4.0, np.float32)
    depth[30:90, 60:100] = 1.0
    shadow = occlusion_shadow(depth, FOCAL, baseline)
    width = FOCAL * abs(baseline) * (1 / 1.0 - 1 / 4.0)
    assert shadow[60].sum() == pytest.approx(width, abs=2)
    columns = np.flatnonzero(shadow[60])
    assert columns.min() == 100 if baseline > 0 else columns.max() == 59
    assert not shadow[10].any()


def test_disparity_is_affine_in_inverse_depth():
    rng = np.random.default_rng(3)
    depth = np.linspace(1, 6, SHAPE[1], dtype=np.float32)[None].repeat(SHAPE[0], 0)
    disparity, valid = stereo_disparity(depth, FOCAL, depth > 5.5, rng)
    keep = valid > 0
    slope, offset = np.polyfit(1 / depth[keep], disparity[keep], 1)
    residual = disparity[keep] - (slope / depth[keep] + offset)
    assert slope > 0 and np.abs(residual).max() < 6
    assert disparity.dtype == valid.dtype == np.uint8
    assert set(np.unique(valid)) == {0, 255} and not valid[depth > 5.5].any()
    assert disparity.min() >= 1
