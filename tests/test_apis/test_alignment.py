"""Scale and shift from a few known depths."""

from __future__ import annotations

import numpy as np
import pytest

from depthdecomp_mm.apis import align_to_metric
from depthdecomp_mm.decomposition import DepthCodec


@pytest.mark.parametrize('representation', ['inverse', 'depth'])
def test_recovers_the_depth_that_a_normalized_map_came_from(representation):
    rng = np.random.default_rng(0)
    depth = rng.uniform(0.5, 9, (20, 30)).astype(np.float32)
    code = 1 / (depth + 1) if representation == 'inverse' else depth
    normalized = (code - code.mean()) / code.std()
    known = np.where(rng.random(depth.shape) < 0.02, depth, 0)
    assert 2 <= np.count_nonzero(known) < 30
    aligned = align_to_metric(normalized, known, DepthCodec(representation))
    np.testing.assert_allclose(aligned.depth, depth, rtol=1e-4)
    assert aligned.scale == pytest.approx(code.std(), rel=1e-4)
    assert aligned.shift == pytest.approx(code.mean(), rel=1e-4)


def test_wrong_measurements_do_little_harm():
    rng = np.random.default_rng(1)
    depth = rng.uniform(0.5, 5, (8, 9)).astype(np.float32)
    code = 1 / (depth + 1)
    normalized = (code - code.mean()) / code.std()
    known = depth.copy()
    known[0] = 9.5  # an eighth is wrong
    known[1] = np.nan
    aligned = align_to_metric(normalized, known)
    np.testing.assert_allclose(aligned.depth, depth, rtol=0.02)


def test_refuses_what_determines_nothing():
    normalized = np.arange(4.0).reshape(2, 2)
    one = np.array([[1.0, 0], [0, 0]])
    with pytest.raises(ValueError, match='found 1 known'):
        align_to_metric(normalized, one)
    with pytest.raises(ValueError, match='4 known, 1 values'):
        align_to_metric(np.ones((2, 2)), np.full((2, 2), 2.0))
    with pytest.raises(ValueError, match=r'\(2, 2\) and \(1, 2\)'):
        align_to_metric(normalized, one[:1])
