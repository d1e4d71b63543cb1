"""Normalisation layers that keep the activation which timm fused into them."""

from __future__ import annotations

from functools import cache

from torch import Tensor, nn


def restore_fused_activations(model: nn.Module) -> None:
    """Let converted BatchNorm layers apply the activation of the layer that they stand for.

    timm's ``BatchNormAct2d`` is a BatchNorm with an activation in it. Conversions that are not
    timm's own (``sync_bn`` of MMEngine's runner, PyTorch's ``convert_sync_batchnorm``, and their
    ways back) put a plain layer in its place, which carries the activation along as a child but
    never calls it: the network would silently lose its nonlinearities.
    """
    for module in model.modules():
        # mmcv's SyncBatchNorm is no subclass of PyTorch's
        batchnorm = hasattr(module, 'running_mean') and hasattr(module, 'act')
        own = type(module).__module__.startswith('timm.') or hasattr(module, 'calls_activation')
        if batchnorm and not own:
            module.__class__ = _with_activation(type(module))


@cache
def _with_activation(norm: type[nn.Module]) -> type[nn.Module]:
    class NormAct(norm):
        calls_activation = True

        def forward(self, x: Tensor) -> Tensor:
            x = super().forward(x)
            return self.act(self.drop(x) if hasattr(self, 'drop') else x)

    NormAct.__name__ = NormAct.__qualname__ = f'{norm.__name__}Act'
    return NormAct
