"""Depth codes and the decomposition, against NumPy and hand-made cases."""

import numpy as np
import pytest
import torch

from depthdecomp_mm.decomposition import DepthCodec, decompose, forward_differences


def test_inverse_code_is_equation_12():
    codec = DepthCodec('inverse', 1e-3, 10.0)
    depth = torch.tensor([0.001, 1.0, 3.0, 9.0])
    np.testing.assert_allclose(codec.encode(depth), [1 / 1.001, 0.5, 0.25, 0.1], rtol=1e-6)
    np.testing.assert_allclose(codec.decode(codec.encode(depth)), depth, rtol=1e-4)


@pytest.mark.parametrize('representation', ['inverse', 'depth'])
def test_decode_stays_in_range_for_any_code(representation):
    depth = DepthCodec(representation, 0.5, 8.0).decode(torch.tensor([-3.0, 0.0, 1e-9, 2.0, 1e6]))
    assert depth.isfinite().all() and depth.min() >= 0.5 and depth.max() <= 8.0


def test_inverse_code_of_zero_or_less_is_farthest():
    assert DepthCodec('inverse', 1e-3, 10.0).decode(torch.tensor([0.0, -1.0])).eq(10.0).all()


@pytest.mark.parametrize(
    'kwargs', [dict(representation='log'), dict(min_depth=2, max_depth=1), dict(min_depth=-1)]
)
def test_bad_codec_is_refused(kwargs):
    with pytest.raises(ValueError, match='found'):
        DepthCodec(**kwargs)


def test_decompose_matches_numpy_on_the_valid_pixels():
    rng = np.random.default_rng(0)
    maps = rng.uniform(1, 5, (3, 1, 7, 9)).astype(np.float32)
    mask = rng.random(maps.shape) > 0.4
    parts = decompose(torch.tensor(maps), torch.tensor(mask))
    for i in range(3):
        values = maps[i, 0][mask[i, 0]].astype(np.float64)
        scores = (maps[i, 0] - values.mean()) / values.std()
        assert parts.mean[i].item() == pytest.approx(values.mean(), rel=1e-6)
        np.testing.assert_allclose(
            parts.normalized[i, 0].numpy()[mask[i, 0]], scores[mask[i, 0]], atol=1e-5
        )
        for (y, x), valid in np.ndenumerate(mask[i, 0]):
            for channel, (dy, dx) in enumerate(((0, 1), (1, 0))):
                inside = y + dy < 7 and x + dx < 9
                both = valid and inside and mask[i, 0, y + dy, x + dx]
                assert parts.gradients_mask[i, channel, y, x].item() == both
                expected = scores[y + dy, x + dx] - scores[y, x] if both else 0
                assert parts.gradients[i, channel, y, x].item() == pytest.approx(expected, abs=1e-4)


def test_invalid_values_leave_no_trace():
    maps = torch.rand(1, 1, 6, 6) + 1
    mask = torch.rand(1, 1, 6, 6) > 0.3
    clean = decompose(maps, mask)
    dirty = decompose(maps.masked_fill(~mask, float('nan')), mask)
    for a, b in zip(clean, dirty, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(
    ('maps', 'mask', 'has_mean'),
    [
        (torch.rand(1, 1, 4, 4), torch.zeros(1, 1, 4, 4, dtype=torch.bool), False),
        (torch.full((1, 1, 4, 4), 0.3), torch.ones(1, 1, 4, 4, dtype=torch.bool), True),
        (torch.rand(1, 1, 4, 4), torch.arange(16).eq(5).view(1, 1, 4, 4), True),
    ],
    ids=['empty', 'constant', 'one-pixel'],
)
def test_maps_without_a_normalized_map(maps, mask, has_mean):
    parts = decompose(maps, mask)
    assert not parts.normalized_mask.any() and not parts.gradients_mask.any()
    assert parts.mean_mask.item() == has_mean
    assert all(part.isfinite().all() for part in parts)


def test_normalization_is_invariant_to_scale_and_shift():
    maps, mask = torch.rand(2, 1, 8, 8), torch.ones(2, 1, 8, 8, dtype=torch.bool)
    a, b = decompose(maps, mask), decompose(37 * maps + 11, mask)
    assert torch.allclose(a.normalized, b.normalized, atol=1e-4)


def test_forward_differences_of_a_ramp():
    ramp = (3 * torch.arange(5.0) + 7 * torch.arange(4.0)[:, None])[None, None]
    differences, valid = forward_differences(ramp, torch.ones(1, 1, 4, 5, dtype=torch.bool))
    assert differences[0, 0, :, :-1].eq(3).all() and differences[0, 1, :-1].eq(7).all()
    assert not valid[0, 0, :, -1].any() and not valid[0, 1, -1].any()
