"""Gradients that are accumulated but not applied yet, in checkpoints."""

from __future__ import annotations

import torch
from mmengine.dist import all_reduce, get_world_size
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch import nn

KEY = 'accumulated_gradients'


def has_pending_gradients(optim_wrapper: OptimWrapper) -> bool:
    """Whether the last iteration's gradients wait for further ones before they are applied."""
    if isinstance(optim_wrapper, OptimWrapperDict) or not isinstance(optim_wrapper, OptimWrapper):
        return False
    return not optim_wrapper.should_update()


def collect_gradients(model: nn.Module) -> dict[str, torch.Tensor]:
    """The gradients by parameter name, on the CPU; all ranks together.

    Ranks accumulate apart and are averaged when the gradients are applied. Here their mean is taken
    before: it comes to the same up to rounding, and one file holds it.
    """
    found = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        grad = parameter.grad
        if get_world_size() > 1:  # a parameter may have had none on one rank alone
            grad = torch.zeros_like(parameter) if grad is None else grad.clone()
            all_reduce(grad, 'mean')
        if grad is not None:
            found[name] = grad.detach().cpu()
    return found


def restore_gradients(model: nn.Module, gradients: dict[str, torch.Tensor]) -> None:
    """Put gradients back as :func:`collect_gradients` found them."""
    for name, parameter in model.named_parameters():
        if name in gradients:
            parameter.grad = gradients[name].to(parameter, copy=True)
