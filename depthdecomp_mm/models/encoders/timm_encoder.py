"""Any hierarchical timm model as the shared encoder."""

from __future__ import annotations

import copy
from functools import partial

import torch
import torch.nn.functional as F
from timm.layers import Conv2dSame
from torch import Tensor, nn

from depthdecomp_mm.registry import MODELS

from .timm_base import BaseTimmEncoder

STRIDES = (4, 8, 16, 32)


@MODELS.register_module()
class TimmEncoder(BaseTimmEncoder):
    """Features of a timm model at strides 4, 8, 16, 32, and a head feature at stride 32.

    ``out_channels`` is the contract for the decoders: the channels of the five features, finest
    first. EfficientNet-B5 at 384 x 512 gives (40, 96, 128), (64, 48, 64), (176, 24, 32),
    (512, 12, 16) and, after its head convolution, (2048, 12, 16). For a model without a head
    convolution the head feature is the stride-32 feature itself, and layers that no feature needs
    are removed.

    Args:
        model_name: Name of a timm model with features at strides 4, 8, 16 and 32.
        pretrained: See :class:`BaseTimmEncoder`, as for ``**kwargs``.
        same_padding_size: Work out the 'same' padding of the strided convolutions for a square
            input of this size and keep it for every input, as the authors' released network does
            for 456 pixels. By default the padding follows the input.
        **kwargs: Arguments of :class:`BaseTimmEncoder`.

    Raises:
        ValueError: If the model is unknown to timm or lacks one of the strides.
    """

    size_divisor = 32

    def __init__(
        self,
        model_name: str = 'tf_efficientnet_b5.aa_in1k',
        pretrained: bool = False,
        same_padding_size: int | None = None,
        **kwargs,
    ) -> None:
        super().__init__(model_name, pretrained, **kwargs)
        self.level_indices = self._find_levels()
        channels = [self.timm_model.feature_info[i]['num_chs'] for i in self.level_indices]
        self.has_head = self.timm_model.num_features != channels[-1]
        self.out_channels = (*channels, self.timm_model.num_features)
        if not self.has_head:
            self.timm_model.prune_intermediate_layers(
                self.level_indices, prune_norm=True, prune_head=True
            )
        if same_padding_size:
            fix_same_padding(self, same_padding_size)
        self._freeze()

    def _find_levels(self) -> list[int]:
        """Indices of the last feature at each stride."""
        info = getattr(self.timm_model, 'feature_info', [])
        reductions = [level['reduction'] for level in info]
        missing = [stride for stride in STRIDES if stride not in reductions]
        if missing or not hasattr(self.timm_model, 'forward_intermediates'):
            plain = hasattr(self.timm_model, 'patch_embed') and len(set(reductions)) == 1
            raise ValueError(
                f"timm model '{self.model_name}' cannot serve as encoder: features at strides "
                f'{STRIDES} are needed, it offers strides {sorted(set(reductions))}'
                + ('; plain vision transformers serve in TimmViTEncoder' if plain else '')
            )
        return [len(reductions) - 1 - reductions[::-1].index(stride) for stride in STRIDES]

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Compute the features.

        Args:
            images: (B, in_channels, H, W) normalised, H and W multiples of ``size_divisor``.

        Returns:
            Five features (B, C, H / s, W / s), s = 4, 8, 16, 32 and 32 (head).
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


def fix_same_padding(encoder: nn.Module, size: int) -> None:
    """Freeze the dynamic 'same' padding of ``encoder`` for a square image of ``size`` pixels.

    The input of each convolution is that of a pass without data.

    Raises:
        ValueError: If no convolution pads dynamically.
    """
    dry = copy.deepcopy(encoder).to('meta').eval()
    twins = zip(encoder.modules(), dry.modules(), strict=True)
    convs = [(conv, twin) for conv, twin in twins if isinstance(conv, Conv2dSame)]
    if not convs:
        raise ValueError(
            f'same_padding_size={size} has no effect: the model has no dynamically padded '
            "convolution (timm's names of models that do start with 'tf_')"
        )
    for conv, twin in convs:
        twin.register_forward_pre_hook(partial(_fix_padding, conv))
    dry(torch.empty(1, 3, size, size, device='meta'))


def _fix_padding(conv: Conv2dSame, _: nn.Module, inputs: tuple[Tensor]) -> None:
    (size, _), (stride, _), (kernel, _) = inputs[0].shape[-2:], conv.stride, conv.kernel_size
    pad = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    conv.fixed_padding = (pad // 2, pad - pad // 2) * 2
    conv.__class__ = _FixedPadConv2d
