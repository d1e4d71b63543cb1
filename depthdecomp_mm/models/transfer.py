"""From the host's memory to the model's device."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def copy_together(tensors: Sequence[Tensor], device: torch.device) -> list[Tensor]:
    """Copy tensors to a device, all those of the host in one go.

    Their bytes are gathered first, for a GPU in pinned memory, so that the host does not wait for
    the copy. Nothing is copied that is on the device already.

    Args:
        tensors: Of any shapes and types.
        device: Where they are to be.

    Returns:
        The tensors there, in the same order.
    """
    of_host = [x for x in tensors if x.is_cpu]
    if device.type == 'cpu' or not of_host:
        return [x.to(device) for x in tensors]
    pinned = device.type == 'cuda'
    gathered = gather(of_host, pinned).to(device, non_blocking=pinned)
    copied = iter(scatter(gathered, of_host))
    return [next(copied) if x.is_cpu else x.to(device) for x in tensors]


def gather(tensors: Sequence[Tensor], pinned: bool = False) -> Tensor:
    """The bytes of tensors, (N,) uint8, in the order of :func:`scatter`."""
    parts = [tensors[i].reshape(-1).view(torch.uint8) for i in _order(tensors)]
    gathered = torch.empty(sum(map(len, parts)), dtype=torch.uint8, pin_memory=pinned)
    return torch.cat(parts, out=gathered)


def scatter(gathered: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    """Views of what :func:`gather` made of tensors, with their shapes and types."""
    order = _order(like)
    parts = gathered.split([like[i].nbytes for i in order])
    views = {i: part.view(like[i].dtype) for i, part in zip(order, parts, strict=True)}
    return [views[i].view(tensor.shape) for i, tensor in enumerate(like)]


def _order(tensors: Sequence[Tensor]) -> list[int]:
    """The largest elements first, so that each tensor begins at a multiple of its elements."""
    return sorted(range(len(tensors)), key=lambda i: -tensors[i].element_size())
