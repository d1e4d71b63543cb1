"""A model without what wraps it for several GPUs."""

from __future__ import annotations

from mmengine.model import is_model_wrapper
from torch import nn


def unwrapped(model: nn.Module) -> nn.Module:
    """The model itself, also where MMEngine has wrapped it."""
    return model.module if is_model_wrapper(model) else model
