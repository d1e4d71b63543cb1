"""Any backbone of another toolbox as the shared encoder."""

from __future__ import annotations

import inspect

import torch
from mmengine.logging import print_log
from mmengine.model import BaseModule
from torch import Tensor, nn

from depthdecomp_mm.registry import MODELS, host_scope, with_our_scope

STRIDES = (4, 8, 16, 32)
SIDE = 256
"""Height and width of the image that a backbone is tried with; windows of transformers fit."""


@MODELS.register_module()
class WrappedEncoder(BaseModule):
    """A backbone of an MMEngine toolbox that gives features at strides 4, 8, 16 and 32.

    The backbone runs once when it is built, to learn its channels and strides. The head feature is
    the stride-32 feature itself. Parameters that no feature depends on are frozen, and named in the
    log. Pretrained weights, frozen stages, stochastic depth and checkpointing are the backbone's
    own arguments.

    Args:
        backbone: Config of the backbone under its toolbox's scope, with the ``out_indices`` that
            give the four features, finest first: ``dict(type='mmpretrain.ResNet', depth=50,
            out_indices=(0, 1, 2, 3))``. Its own parts are looked up in that scope, too. Without
            prefix the scope is ours, then the default scope of the project around.
        neck: Config of a neck that brings four features of one stride, such as those of a plain
            vision transformer, to the four strides: ``dict(type='ViTPyramid')``. It gets
            ``in_channels`` and ``in_stride``.
        in_channels: Channels of the input image.
        init_cfg: MMEngine's initialisation config.

    Raises:
        ValueError: If there is no such backbone, its features are not four at these strides, or
            they cannot train its weights.
    """

    size_divisor = 32

    def __init__(
        self,
        backbone: dict,
        neck: dict | None = None,
        in_channels: int = 3,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.name = str(backbone['type'])
        if isinstance(backbone['type'], str) and '_scope_' not in backbone:
            backbone = self._with_scope(backbone)
        self.backbone = MODELS.build(backbone)
        features = self._dry_run(in_channels)
        if neck is None:
            self._check_strides(features)
            self.neck, channels = None, [feature.shape[1] for feature in features]
        else:
            self.neck = self._build_neck(neck, features)
            channels = self.neck.out_channels
        self._freeze_unused(features)
        self.out_channels = (*channels, channels[-1])

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
    def _dry_run(self, in_channels: int) -> tuple[Tensor, ...]:
        """The features of an empty image."""
        training = self.backbone.training
        self.backbone.eval()  # returns nothing in some toolboxes
        try:
            features = self.backbone(torch.zeros(1, in_channels, SIDE, SIDE))
        except RuntimeError as error:
            raise RuntimeError(
                f'backbone {self.name} cannot serve as encoder: an image of {SIDE} x {SIDE} does '
                f'not pass it: {error}'
            ) from error
        self.backbone.train(training)
        return (features,) if isinstance(features, Tensor) else tuple(features)

    def _check_strides(self, features: tuple) -> None:
        sizes = [tuple(f.shape[2:]) for f in features if isinstance(f, Tensor)]
        if sizes == [(SIDE // stride,) * 2 for stride in STRIDES]:
            return
        advice = 'see its out_indices'
        if len(sizes) == len(STRIDES):
            advice = _undilated(self.backbone)
            if len(set(sizes)) == 1:
                advice = "set neck=dict(type='ViTPyramid') beside it to make a pyramid of them"
        self._refuse(features, f'four features at strides {STRIDES} are needed', advice)

    def _build_neck(self, config: dict, features: tuple) -> nn.Module:
        maps = [f for f in features if isinstance(f, Tensor) and f.ndim == 4]
        shapes = {tuple(f.shape[1:]) for f in maps}
        channels, height, width = next(iter(shapes), (0, 0, 0))
        if len(maps) != len(STRIDES) or len(shapes) != 1 or height != width or SIDE % height:
            self._refuse(features, 'its neck needs four features of one stride')
        default = dict(in_channels=channels, in_stride=SIDE // height)
        return MODELS.build(with_our_scope(config, MODELS), default_args=default)

    def _refuse(self, features: tuple, need: str, advice: str = 'see its out_indices') -> None:
        shapes = [tuple(f.shape) if isinstance(f, Tensor) else type(f).__name__ for f in features]
        raise ValueError(
            f'backbone {self.name} cannot serve as encoder: {need}, but an image of '
            f'{SIDE} x {SIDE} gives {shapes}; {advice}'
        )

    @torch.enable_grad()
    def _freeze_unused(self, features: tuple[Tensor, ...]) -> None:
        learnt = {k: p for k, p in self.backbone.named_parameters() if p.requires_grad}
        if not learnt:
            return
        total = sum(feature.sum() for feature in features)
        if not total.requires_grad:
            raise ValueError(
                f'backbone {self.name} has {len(learnt)} parameters to train, but its features '
                'carry no gradient to them: it detaches them, or runs under torch.no_grad; freeze '
                'the parameters, or let the gradient through'
            )
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
            Five features (B, C, H / s, W / s), s = 4, 8, 16, 32 and 32 (head).
        """
        levels = tuple(self.backbone(images))
        if self.neck is not None:
            levels = self.neck(levels)
        return (*levels, levels[-1])


def _undilated(backbone: nn.Module) -> str:
    """What to set so that a backbone with dilations, which some toolboxes default to, has none."""
    found = {}
    for owner in reversed(type(backbone).__mro__):  # options of a base class may come by **kwargs
        for name in ('strides', 'dilations'):
            option = inspect.signature(owner.__init__).parameters.get(name)
            if option is not None and option.default is not option.empty:
                found[name] = tuple(option.default)
    options = ' and '.join(f'{name}={value}' for name, value in found.items())
    return f'set {options}, and see its out_indices' if options else 'see its out_indices'
