"""Pooling by matrices."""

import pytest
import torch
import torch.nn.functional as F

from depthdecomp_mm.models.adaptive_pool import adaptive_pool


@pytest.mark.parametrize('size', [(24, 32), (5, 7), (12, 16), (13, 50)])
def test_pooling_by_matrices_is_adaptive_pooling(size):
    x = torch.randn(2, 3, *size, requires_grad=True)
    out = torch.randn(2, 3, 12, 16)
    found, expected = (
        (pooled, *torch.autograd.grad(pooled, x, out))
        for pooled in (adaptive_pool(x, (12, 16)), F.adaptive_avg_pool2d(x, (12, 16)))
    )
    torch.testing.assert_close(found, expected)


def test_what_fits_is_left_as_it_is():
    x = torch.randn(2, 3, 12, 16)
    assert adaptive_pool(x, (12, 16)) is x
    traced = torch.jit.trace(lambda x: adaptive_pool(x, (12, 16)), x)
    other = torch.randn(1, 3, 24, 48)
    torch.testing.assert_close(traced(other), F.adaptive_avg_pool2d(other, (12, 16)))
