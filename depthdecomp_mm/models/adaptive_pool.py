"""Adaptive pooling in operators that are deterministic, and that ONNX can express."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def adaptive_pool(x: Tensor, size: Sequence[int]) -> Tensor:
    """What ``adaptive_avg_pool2d`` does, as a product with a matrix of means for each axis.

    PyTorch's own has no deterministic gradient on GPUs, and ONNX lacks it for sizes that are
    unknown at export. Nothing is computed where ``x`` has the size already; programs that are
    exported or compiled, which may get other sizes later, multiply by unit matrices.

    Args:
        x: (B, C, H, W).
        size: (h, w) of the result.

    Returns:
        (B, C, h, w).
    """
    captured = torch.jit.is_tracing() or torch.compiler.is_compiling()
    if not captured and x.shape[-2:] == tuple(size):
        return x
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
