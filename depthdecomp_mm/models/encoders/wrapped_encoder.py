"""Any backbone of another toolbox as the shared encoder."""

from __future__ import annotations

import torch
from mmengine.logging import print_log
from mmengine.model import BaseModule
from torch import Tensor

from depthdecomp_mm.registry import MODELS, host_scope

STRIDES = (4, 8, 16, 32)


@MODELS.register_module()
class WrappedEncoder(BaseModule):
    """A backbone of an MMEngine toolbox that gives features at strides 4, 8, 16 and 32.

    The backbone runs once when it is built, to learn its channels and strides. The head feature is
    the stride-32 feature itself. Parameters that no feature depends on are frozen, and named in the
    log. Pretrained weights, frozen stages, stochastic depth and checkpointing are the backbone's
    own arguments.

    Args:
        backbone (dict): Config of the backbone under its toolbox's scope, with the ``out_indices``
            that give the four features, finest first: ``dict(type='mmpretrain.ResNet', depth=50,
            out_indices=(0, 1, 2, 3))``. Its own parts are looked up in that scope, too. Without
            prefix the scope is ours, then the default scope of the project around.
        in_channels (int): Channels of the input image.
        init_cfg (dict, optional): MMEngine's initialisation config.

    Raises:
        ValueError: If there is no such backbone, or its features are not four at these strides.
    """

    size_divisor = 32

    def __init__(self, backbone: dict, in_channels: int = 3, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        self.name = str(backbone['type'])
        if isinstance(backbone['type'], str) and '_scope_' not in backbone:
            backbone = self._with_scope(backbone)
        self.backbone = MODELS.build(backbone)
        self.out_channels = self._dry_run(in_channels)

    @staticmethod
    def _with_scope(backbone: dict) -> dict:
        """Say in which scope the backbone is built: its prefix, ours, or the host project's."""
        scope, _, name = backbone['type'].rpartition('.')
        if not scope and (name in MODELS.module_dict or not (scope := host_scope())):
            return backbone
        try:
            found = MODELS.get(f'{scope}.{name}')
        except RuntimeError:  # MMEngine's answer to some unknown names
            found = None
        if found is None:
            raise ValueError(
                f"backbone {backbone['type']} is not there: the toolbox '{scope}' is not "
                f"installed, or it has no '{name}'"
            )
        return dict(backbone, type=name, _scope_=scope)

    @torch.enable_grad()
    def _dry_run(self, in_channels: int) -> tuple[int, ...]:
        """Check the strides and freeze what no feature depends on."""
        side = 8 * self.size_divisor  # windows of transformers fit
        training = self.backbone.training
        self.backbone.eval()  # returns nothing in some toolboxes
        features = self.backbone(torch.zeros(1, in_channels, side, side))
        self.backbone.train(training)
        features = (features,) if isinstance(features, Tensor) else tuple(features)
        shapes = [tuple(f.shape) if isinstance(f, Tensor) else type(f).__name__ for f in features]
        if [s[2:] for s in shapes] != [(side // stride,) * 2 for stride in STRIDES]:
            raise ValueError(
                f'backbone {self.name} cannot serve as encoder: four features at strides {STRIDES} '
                f'are needed, but an image of {side} x {side} gives {shapes}; see its out_indices'
            )
        self._freeze_unused(sum(feature.sum() for feature in features))
        return (*(s[1] for s in shapes), shapes[-1][1])

    def _freeze_unused(self, total: Tensor) -> None:
        learnt = {k: p for k, p in self.backbone.named_parameters() if p.requires_grad}
        if not learnt:
            return
        grads = torch.autograd.grad(total, list(learnt.values()), allow_unused=True)
        unused = [k for k, grad in zip(learnt, grads, strict=True) if grad is None]
        for key in unused:
            learnt[key].requires_grad_(False)
        if unused:
            print_log(f'{self.name}: no feature depends on {unused}: frozen', logger='current')

    def layer_ids(self) -> dict[str, int]:
        """The layer of each parameter by name, counted from the input, for layer-wise decay."""
        if not hasattr(self.backbone, 'get_layer_depth'):
            raise ValueError(f'backbone {self.name} does not say which layer a parameter is in')
        names = [name for name, _ in self.backbone.named_parameters()]
        return {f'backbone.{n}': self.backbone.get_layer_depth(n, prefix='')[0] for n in names}

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Compute the features.

        Args:
            images: (B, in_channels, H, W) normalised, H and W multiples of ``size_divisor``.

        Returns:
            tuple: Five features (B, C, H / s, W / s), s = 4, 8, 16, 32 and 32 (head).
        """
        levels = tuple(self.backbone(images))
        return (*levels, levels[-1])
