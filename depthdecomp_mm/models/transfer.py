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
    moved = [x if x.is_cpu else x.to(device) for x in tensors]
    of_host = [i for i, x in enumerate(tensors) if x.is_cpu]
    if device.type == 'cpu' or not of_host:
        return moved
    of_host.sort(key=lambda i: -tensors[i].element_size())  # each begins at a multiple of its size
    parts = [tensors[i].reshape(-1).view(torch.uint8) for i in of_host]
    sizes = [len(part) for part in parts]
    pinned = device.type == 'cuda'
    gathered = torch.empty(sum(sizes), dtype=torch.uint8, pin_memory=pinned)
    torch.cat(parts, out=gathered)
    copied = gathered.to(device, non_blocking=pinned).split(sizes)
    for i, part in zip(of_host, copied, strict=True):
        moved[i] = part.view(tensors[i].dtype).view(tensors[i].shape)
    return moved
