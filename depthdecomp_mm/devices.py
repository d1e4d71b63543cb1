"""Devices to compute on."""

from __future__ import annotations

import torch

from .errors import UserError


def check_device(device: str) -> str:
    """Return a device that can be computed on.

    Args:
        device: Its name for PyTorch, such as ``'cpu'`` or ``'cuda:0'``.

    Raises:
        UserError: If PyTorch has no such device, or it cannot be used.
    """
    try:
        torch.zeros(1, device=device).cpu()
    # of builds without CUDA AssertionError, of machines without a driver RuntimeError
    except (RuntimeError, AssertionError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"device '{device}' cannot be used: {reason}") from error
    return device
