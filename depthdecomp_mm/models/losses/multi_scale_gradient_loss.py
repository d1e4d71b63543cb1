"""The gradient loss at several scales."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from depthdecomp_mm.decomposition import forward_differences
from depthdecomp_mm.registry import MODELS

from .base import ImageLoss


def multi_scale_gradient(
    pred: Tensor, target: Tensor, mask: Tensor, scales: Sequence[float]
) -> Tensor:
    """L1 of the horizontal and vertical differences of bilinearly scaled maps (Eq. 9).

    At each scale the sum over both directions is divided by the number of valid pixels there; a
    scaled pixel is valid only if all the pixels that it came from are. Scales are added.

    Args:
        pred: (B, 1, h, w) float.
        target: (B, 1, h, w) float; any finite value where invalid.
        mask: (B, 1, h, w) bool, valid pixels.
        scales: Factors of the height and width.

    Returns:
        (B,); 0 for an image without a valid pixel.
    """
    error = (pred - target).where(mask, 0)
    total = error.new_zeros(error.size(0))
    for scale in scales:
        size = [max(int(side * scale), 1) for side in error.shape[-2:]]
        scaled, weight = (
            F.interpolate(x, size=size, mode='bilinear', align_corners=False)
            for x in (error, mask.float())
        )
        valid = weight > 1 - 1e-4  # bilinear weights sum to one up to rounding
        differences, _ = forward_differences(scaled, valid)
        count = valid.sum(dim=(1, 2, 3)).clamp(min=1)
        total = total + differences.abs().sum(dim=(1, 2, 3)) / count
    return total


@MODELS.register_module()
class MultiScaleGradientLoss(ImageLoss):
    """Eq. 9 on N (L_Nx + L_Ny) and likewise on m (L_Mx + L_My).

    Args:
        scales: Factors of the height and width.
        **kwargs: Those of :class:`ImageLoss`.
    """

    default_name = 'loss_multi_scale_gradient'

    def __init__(self, scales: Sequence[float] = (0.5, 0.25, 0.125), **kwargs) -> None:
        super().__init__(**kwargs)
        self.scales = tuple(scales)

    def per_image(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Sum over the scales of the mean differences of gradients, (B,)."""
        return multi_scale_gradient(pred, target, mask, self.scales)
