"""What encoders on timm models share: weights, frozen stages, layers by depth."""

from __future__ import annotations

import inspect

import timm
from mmengine.logging import print_log
from mmengine.model import BaseModule
from timm.models import group_parameters
from torch import nn

from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.mmengine_internals import BatchOrInstanceNorm

from .fused_norms import restore_fused_activations
from .package_weights import SCHEME, load_timm_weights


class BaseTimmEncoder(BaseModule):
    """Base of the encoders that hold a timm model as ``timm_model``.

    Arguments are named as in mmpretrain's ``TIMMBackbone``. Pretrained weights are loaded by
    :meth:`init_weights`, which MMEngine's runner calls before training only: building a model to
    load a checkpoint downloads nothing.

    Args:
        model_name: Name of the timm model, with or without a ``.tag`` for its weights.
        pretrained: Load timm's pretrained weights in :meth:`init_weights`.
        checkpoint_path: Local file of the timm model's weights to load instead, or
            ``'package://NAME'`` for those in an installed Python package; or a dict of them by the
            model, named without a tag, that they are for, so that a config that names another model
            starts from random weights.
        in_channels: Channels of the input image.
        frozen_stages: Freeze the stem (0), or the stem and the first stages up to this one; -1
            freezes nothing. Stages are the groups that the timm model itself forms: those of a
            hierarchical model, blocks of a vision transformer. Frozen BatchNorm layers keep their
            statistics.
        grad_checkpointing: Recompute activations in the backward pass, for less memory.
        model_args: Arguments of :func:`timm.create_model` by the model, named without a tag, that
            they are for, so that a config that names another model does not inherit them.
        init_cfg: MMEngine's initialisation config; ``dict(type='Pretrained', checkpoint=...)``
            loads a state dict of this module.
        **kwargs: Passed to :func:`timm.create_model`, such as ``drop_path_rate`` (stochastic
            depth) or ``img_size``; they come before ``model_args``.

    Raises:
        ValueError: If timm does not know the model, or the model does not allow what is asked for.
    """

    def __init__(
        self,
        model_name: str,
        pretrained: bool = False,
        checkpoint_path: str | dict[str, str] = '',
        in_channels: int = 3,
        frozen_stages: int = -1,
        grad_checkpointing: bool = False,
        model_args: dict[str, dict] | None = None,
        init_cfg: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(init_cfg)
        model_args = model_args or {}
        for name in (model_name, *model_args):
            _check_name(name)
        self.model_name = model_name
        self.pretrained = pretrained
        own_name = model_name.split('.')[0]
        if isinstance(checkpoint_path, dict):
            checkpoint_path = checkpoint_path.get(own_name, '')
        self.checkpoint_path = checkpoint_path
        own = model_args.get(own_name, {})
        self._create = dict(in_chans=in_channels, **{**own, **kwargs})
        if _has_argument(model_name, 'strict_img_size'):
            # Swin is built for one image size otherwise
            self._create.setdefault('strict_img_size', False)
        self.timm_model = timm.create_model(model_name, num_classes=0, **self._create)
        if grad_checkpointing:
            self._checkpoint_gradients()
        self.frozen_stages = frozen_stages

    def _checkpoint_gradients(self) -> None:
        try:
            self.timm_model.set_grad_checkpointing(True)
        except (AssertionError, AttributeError) as error:
            raise ValueError(
                f"timm model '{self.model_name}' has no gradient checkpointing"
            ) from error

    def layer_ids(self) -> dict[str, int]:
        """The layer of each parameter by name, counted from the input, for layer-wise decay."""
        return self._groups(coarse=False)

    def _groups(self, coarse: bool) -> dict[str, int]:
        if not hasattr(self.timm_model, 'group_matcher'):
            raise ValueError(f"timm model '{self.model_name}' does not group its layers")
        matcher = self.timm_model.group_matcher(coarse=coarse)
        ids = group_parameters(self.timm_model, matcher, reverse=True)
        return {f'timm_model.{name}': index for name, index in ids.items()}

    def _freeze(self) -> None:
        """Freeze the stages; called when layers that no feature needs are gone."""
        if self.frozen_stages < 0:
            return
        stages = self._groups(coarse=True)
        if self.frozen_stages > max(stages.values()):
            raise ValueError(
                f"frozen_stages={self.frozen_stages}: timm model '{self.model_name}' has stages 0 "
                f'(stem) to {max(stages.values())}'
            )
        for name, parameter in self.named_parameters():
            if stages.get(name, self.frozen_stages + 1) <= self.frozen_stages:
                parameter.requires_grad_(False)

    def train(self, mode: bool = True) -> BaseTimmEncoder:
        """Set the mode; frozen normalisation layers stay in evaluation mode."""
        super().train(mode)
        if mode and self.frozen_stages >= 0:
            for module in self.modules():
                own = list(module.parameters(recurse=False))
                if isinstance(module, BatchOrInstanceNorm) and own and not own[0].requires_grad:
                    module.eval()
        return self

    def add_module(self, name: str, module: nn.Module | None) -> None:
        """Replace a child, as the conversions of BatchNorm layers do."""
        super().add_module(name, module)
        if module is not None:
            restore_fused_activations(module)

    def init_weights(self) -> None:
        """Load the pretrained weights.

        Raises:
            CheckpointError: If timm cannot get them, saying how to place a local file.
        """
        super().init_weights()
        if not (self.pretrained or self.checkpoint_path):
            return
        try:
            from_package = self.checkpoint_path.startswith(SCHEME)
            donor = timm.create_model(
                self.model_name,
                pretrained=self.pretrained and not self.checkpoint_path,
                checkpoint_path='' if from_package else self.checkpoint_path,
                **self._create,
            )
            if from_package:
                load_timm_weights(donor, self.checkpoint_path)
        except CheckpointError:
            raise
        except Exception as error:
            raise CheckpointError(
                f"could not load pretrained weights of '{self.model_name}' "
                f'({type(error).__name__}: {error}). Without network access, get the file of the '
                'weights elsewhere and set encoder.checkpoint_path=FILE, or set '
                'encoder.pretrained=False to start from random weights'
            ) from error
        weights = donor.state_dict()
        self.timm_model.load_state_dict({k: weights[k] for k in self.timm_model.state_dict()})
        source = self.checkpoint_path or "timm's pretrained weights"
        print_log(f'{type(self).__name__} {self.model_name}: loaded {source}', logger='current')


def _check_name(name: str) -> None:
    if not timm.is_model(name):
        close = timm.list_models(f'*{name.split(".")[0].split("_")[0]}*')[:10]
        raise ValueError(f"timm has no model '{name}'; similar names: {close}")


def _has_argument(model_name: str, argument: str) -> bool:
    """Whether the class of a timm model, which its file defines, takes an argument."""
    file = inspect.getmodule(timm.model_entrypoint(model_name.split('.')[0]))
    return any(
        inspect.isclass(item)
        and hasattr(item, 'forward_features')
        and argument in inspect.signature(item).parameters
        for item in vars(file).values()
    )
