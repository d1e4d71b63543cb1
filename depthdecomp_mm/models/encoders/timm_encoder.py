"""Any hierarchical timm model as the shared encoder."""

from __future__ import annotations

import timm
import torch.nn.functional as F
from mmengine.logging import print_log
from mmengine.model import BaseModule
from timm.layers import Conv2dSame
from torch import Tensor, nn

from depthdecomp_mm.registry import MODELS

STRIDES = (4, 8, 16, 32)


@MODELS.register_module()
class TimmEncoder(BaseModule):
    """Features of a timm model at strides 4, 8, 16, 32, and a head feature at stride 32.

    ``out_channels`` is the contract for the decoders: the channels of the five features, finest
    first. EfficientNet-B5 at 384 x 512 gives (40, 96, 128), (64, 48, 64), (176, 24, 32),
    (512, 12, 16) and, after its head convolution, (2048, 12, 16). For a model without a head
    convolution the head feature is the stride-32 feature itself.

    Arguments are named as in mmpretrain's ``TIMMBackbone``. Pretrained weights are loaded by
    :meth:`init_weights`, which MMEngine's runner calls before training only: building a model to
    load a checkpoint downloads nothing. Layers that no feature needs are removed.

    Args:
        model_name (str): Name of the timm model, with or without a ``.tag`` for its weights.
        pretrained (bool): Load timm's pretrained weights in :meth:`init_weights`.
        checkpoint_path (str): Local file of the timm model's weights to load instead.
        in_channels (int): Channels of the input image.
        same_padding_size (int, optional): Work out the 'same' padding of the strided convolutions
            for a square input of this size and keep it for every input, as the authors' released
            network does for 456 pixels. By default the padding follows the input.
        init_cfg (dict, optional): MMEngine's initialisation config; ``dict(type='Pretrained',
            checkpoint=...)`` loads a state dict of this module.
        **kwargs: Passed to :func:`timm.create_model` (``drop_path_rate``, ``img_size``, ...).

    Raises:
        ValueError: If the model is unknown to timm or lacks one of the strides.
    """

    size_divisor = 32

    def __init__(
        self,
        model_name: str = 'tf_efficientnet_b5',
        pretrained: bool = False,
        checkpoint_path: str = '',
        in_channels: int = 3,
        same_padding_size: int | None = None,
        init_cfg: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(init_cfg)
        if not timm.is_model(model_name):
            close = timm.list_models(f'*{model_name.split(".")[0].split("_")[0]}*')[:10]
            raise ValueError(f"timm has no model '{model_name}'; similar names: {close}")
        self.model_name = model_name
        self.pretrained = pretrained
        self.checkpoint_path = checkpoint_path
        self._create = dict(in_chans=in_channels, **kwargs)
        self.timm_model = timm.create_model(model_name, num_classes=0, **self._create)
        self.level_indices = self._find_levels()
        channels = [self.timm_model.feature_info[i]['num_chs'] for i in self.level_indices]
        self.has_head = self.timm_model.num_features != channels[-1]
        self.out_channels = (*channels, self.timm_model.num_features)
        if not self.has_head:
            self.timm_model.prune_intermediate_layers(
                self.level_indices, prune_norm=True, prune_head=True
            )
        if same_padding_size:
            _fix_same_padding(self.timm_model, same_padding_size)

    def _find_levels(self) -> list[int]:
        """Indices of the last feature at each stride."""
        info = getattr(self.timm_model, 'feature_info', [])
        reductions = [level['reduction'] for level in info]
        missing = [stride for stride in STRIDES if stride not in reductions]
        if missing or not hasattr(self.timm_model, 'forward_intermediates'):
            raise ValueError(
                f"timm model '{self.model_name}' cannot serve as encoder: features at strides "
                f'{STRIDES} are needed, it offers strides {sorted(set(reductions))}'
            )
        return [len(reductions) - 1 - reductions[::-1].index(stride) for stride in STRIDES]

    def init_weights(self) -> None:
        """Load the pretrained weights.

        Raises:
            RuntimeError: If timm cannot get them, saying how to place a local file.
        """
        super().init_weights()
        if not (self.pretrained or self.checkpoint_path):
            return
        try:
            donor = timm.create_model(
                self.model_name,
                pretrained=self.pretrained and not self.checkpoint_path,
                checkpoint_path=self.checkpoint_path,
                **self._create,
            )
        except Exception as error:
            raise RuntimeError(
                f"could not load pretrained weights of '{self.model_name}' "
                f'({type(error).__name__}: {error}). Without network access, get the file of the '
                'weights elsewhere and set encoder.checkpoint_path=FILE, or set '
                'encoder.pretrained=False to start from random weights'
            ) from error
        weights = donor.state_dict()
        self.timm_model.load_state_dict({k: weights[k] for k in self.timm_model.state_dict()})
        source = self.checkpoint_path or "timm's pretrained weights"
        print_log(f'TimmEncoder {self.model_name}: loaded {source}', logger='current')

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Compute the features.

        Args:
            images: (B, in_channels, H, W) normalised, H and W multiples of ``size_divisor``.

        Returns:
            tuple: Five features (B, C, H / s, W / s), s = 4, 8, 16, 32 and 32 (head).
        """
        if self.has_head:
            head, levels = self.timm_model.forward_intermediates(images, self.level_indices)
            return (*levels, head)
        levels = self.timm_model.forward_intermediates(
            images, self.level_indices, intermediates_only=True
        )
        return (*levels, levels[-1])


class _FixedPadConv2d(nn.Conv2d):
    """A convolution that pads by ``self.fixed_padding`` (left, right, top, bottom)."""

    fixed_padding: tuple[int, int, int, int]

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, self.fixed_padding)
        return F.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


def _fix_same_padding(model: nn.Module, size: int) -> None:
    """Freeze the dynamic 'same' padding of ``model`` for a square input of ``size`` pixels.

    timm pads dynamically in strided convolutions only, and lists them in the order of the forward
    pass, so that the input size of each follows from the one before.
    """
    convs = [module for module in model.modules() if isinstance(module, Conv2dSame)]
    if not convs:
        raise ValueError(
            f'same_padding_size={size} has no effect: the model has no dynamically padded '
            "convolution (timm's names of models that do start with 'tf_')"
        )
    for conv in convs:
        (stride, _), (kernel, _) = conv.stride, conv.kernel_size
        out_size = -(-size // stride)
        pad = max((out_size - 1) * stride + kernel - size, 0)
        conv.fixed_padding = (pad // 2, pad - pad // 2) * 2
        conv.__class__ = _FixedPadConv2d
        size = out_size
