"""Any plain vision transformer of timm as the shared encoder."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from depthdecomp_mm.registry import MODELS

from .timm_base import BaseTimmEncoder


@MODELS.register_module()
class TimmViTEncoder(BaseTimmEncoder):
    """Features of a plain vision transformer, brought to strides 4, 8, 16 and 32 by a neck.

    Tokens of four blocks become maps, which the neck makes a pyramid of; the head feature is the
    stride-32 feature itself. Where the patch size divides 32 the token grid follows it; where it
    does not (14 of DINOv2), the images are resized here so that there is a token for each 16 x 16
    pixels of the input: strides are those of the input all the same. Position embeddings are
    interpolated to the grid.

    Args:
        model_name: Name of a timm model with tokens of one resolution, such as
            ``'vit_small_patch14_dinov2'`` or ``'vit_small_patch16_dinov3'``.
        pretrained: See :class:`BaseTimmEncoder`, as for ``**kwargs``.
        out_indices: The four blocks, counted from 0, shallowest first. By default the last of each
            quarter: 2, 5, 8 and 11 of 12.
        norm: Apply the transformer's last normalisation to the tokens of each block.
        neck: Config of the neck; it gets ``in_channels`` and ``in_stride``.
        **kwargs: Arguments of :class:`BaseTimmEncoder`.

    Raises:
        ValueError: If the model is no plain vision transformer, or there are not four blocks.
    """

    size_divisor = 32

    def __init__(
        self,
        model_name: str = 'vit_small_patch14_dinov2',
        pretrained: bool = False,
        out_indices: Sequence[int] | None = None,
        norm: bool = True,
        neck: dict = dict(type='ViTPyramid'),  # noqa: B006, never modified
        **kwargs,
    ) -> None:
        try:
            super().__init__(model_name, pretrained, dynamic_img_size=True, **kwargs)
        except TypeError as error:
            raise ValueError(
                f"timm model '{model_name}' cannot serve as plain vision transformer ({error})"
            ) from error
        self.patch_size = self._find_patch_size()
        self.out_indices = self._find_blocks(out_indices)
        self.norm = norm
        self.timm_model.prune_intermediate_layers(
            self.out_indices, prune_norm=not norm, prune_head=True
        )
        self.token_stride = 16 if 32 % self.patch_size else self.patch_size
        default = dict(in_channels=self.timm_model.embed_dim, in_stride=self.token_stride)
        self.neck = MODELS.build(neck, default_args=default)
        self.out_channels = (*self.neck.out_channels, self.neck.out_channels[-1])
        self._freeze()

    def _find_patch_size(self) -> int:
        reductions = {level['reduction'] for level in getattr(self.timm_model, 'feature_info', [])}
        if len(reductions) != 1 or not hasattr(self.timm_model, 'blocks'):
            raise ValueError(
                f"timm model '{self.model_name}' is no plain vision transformer: its features are "
                f'at strides {sorted(reductions)}; TimmEncoder is for hierarchical models'
            )
        return reductions.pop()

    def _find_blocks(self, indices: Sequence[int] | None) -> list[int]:
        depth = len(self.timm_model.blocks)
        if indices is None:
            indices = [depth * quarter // 4 - 1 for quarter in (1, 2, 3, 4)]
        found = sorted({int(i) for i in indices if 0 <= i < depth})
        if len(found) != 4 or found != list(indices):
            raise ValueError(
                f"out_indices must be four of the blocks 0 to {depth - 1} of '{self.model_name}', "
                f'shallowest first, but found {list(indices)}'
            )
        return found

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Compute the features.

        Args:
            images: (B, in_channels, H, W) normalised, H and W multiples of ``size_divisor``.

        Returns:
            Five features (B, C, H / s, W / s), s = 4, 8, 16, 32 and 32 (head).
        """
        if self.patch_size != self.token_stride:
            size = [side // self.token_stride * self.patch_size for side in images.shape[-2:]]
            images = F.interpolate(images, size=size, mode='bilinear', align_corners=False)
        maps = self.timm_model.forward_intermediates(
            images, self.out_indices, norm=self.norm, intermediates_only=True
        )
        levels = self.neck(maps)
        return (*levels, levels[-1])
