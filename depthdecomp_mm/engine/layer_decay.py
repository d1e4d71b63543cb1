"""Learning rates that fall from the decoders towards the encoder's input."""

from __future__ import annotations

from mmengine.logging import print_log
from mmengine.optim import DefaultOptimWrapperConstructor
from torch import nn

from depthdecomp_mm.registry import OPTIM_WRAPPER_CONSTRUCTORS


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class LayerDecayOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """MMEngine's constructor, with layer-wise decay of the encoder's learning rates.

    With n layers in the encoder, as its ``layer_ids()`` counts them from the input, the learning
    rate of layer i is multiplied by ``layer_decay ** (n - i)``; everything else, such as decoders
    and the encoder's neck, keeps its own. Used as::

        optim_wrapper = dict(
            constructor='LayerDecayOptimWrapperConstructor',
            paramwise_cfg=dict(layer_decay=0.75),
        )

    Args:
        optim_wrapper_cfg: Config of the optimizer wrapper.
        paramwise_cfg: ``layer_decay`` (float), and MMEngine's own keys.

    Raises:
        ValueError: If ``layer_decay`` is not in (0, 1], or the model has no encoder with layers.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None) -> None:
        paramwise_cfg = dict(paramwise_cfg or {})
        self.layer_decay = paramwise_cfg.pop('layer_decay', None)
        if self.layer_decay is None or not 0 < self.layer_decay <= 1:
            raise ValueError(
                'LayerDecayOptimWrapperConstructor expects paramwise_cfg.layer_decay in (0, 1], '
                f'but found {self.layer_decay}'
            )
        super().__init__(optim_wrapper_cfg, paramwise_cfg or dict(bypass_duplicate=False))

    def add_params(self, params: list[dict], module: nn.Module, prefix: str = '', **kwargs) -> None:
        """Add the groups of a module, and scale their learning rates once all are there."""
        super().add_params(params, module, prefix=prefix, **kwargs)
        if prefix:
            return
        scales = self._scales(module)
        for group in params:
            lr = group.get('lr', self.base_lr)
            group['lr'] = lr * scales.get(id(group['params'][0]), 1.0)
        params[:] = _merge(params)
        rates = [group['lr'] for group in params]
        found = f'{min(rates):.3g} to {max(rates):.3g}'
        print_log(f'layer-wise decay: learning rates {found}', logger='current')

    def _scales(self, model: nn.Module) -> dict[int, float]:
        encoder = getattr(model, 'encoder', None)
        if not hasattr(encoder, 'layer_ids'):
            raise ValueError(
                f'layer-wise decay needs an encoder with layer_ids(), {type(model).__name__} has '
                f'{type(encoder).__name__}'
            )
        ids = encoder.layer_ids()
        depth = max(ids.values()) + 1
        return {
            id(parameter): self.layer_decay ** (depth - ids[name])
            for name, parameter in encoder.named_parameters()
            if name in ids
        }


def _merge(groups: list[dict]) -> list[dict]:
    """Unite groups of the same settings, for optimisers are faster with few."""
    merged: dict[tuple, dict] = {}
    for group in groups:
        settings = tuple(sorted((k, v) for k, v in group.items() if k != 'params'))
        merged.setdefault(settings, dict(group, params=[]))['params'] += group['params']
    return list(merged.values())
