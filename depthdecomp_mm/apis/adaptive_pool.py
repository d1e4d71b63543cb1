"""Adaptive pooling that ONNX can express."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def adaptive_pool(x: Tensor, size: Sequence[int]) -> Tensor:
    """Adaptive average pooling of a size that is unknown at export, which ONNX lacks.

    Args:
        x: (B, C, H, W).
        size: (h, w) of the result.

    Returns:
        (B, C, h, w), the product with a matrix of means for rows and one for columns.
    """
    rows, columns = (
        _pooling_matrix(length, bins, x) for length, bins in zip(x.shape[-2:], size, strict=True)
    )
    return rows @ x @ columns.T


def _pooling_matrix(length: int, bins: int, like: Tensor) -> Tensor:
    i = torch.arange(bins, device=like.device)[:, None]
    position = torch.arange(length, device=like.device)[None]
    inside = (position >= i * length // bins) & (position < ((i + 1) * length + bins - 1) // bins)
    inside = inside.to(like.dtype)
    return inside / inside.sum(dim=1, keepdim=True)
