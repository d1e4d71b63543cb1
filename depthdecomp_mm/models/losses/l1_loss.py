"""L1 losses on maps and on their logarithms."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from depthdecomp_mm.registry import MODELS

from .base import ImageLoss


def masked_l1(pred: Tensor, target: Tensor, mask: Tensor, trim: float = 0.0) -> Tensor:
    """Mean absolute error over the valid pixels of each channel, summed over the channels.

    Args:
        pred: (B, C, h, w) float.
        target: (B, C, h, w) float; any value where invalid.
        mask: (B, C, h, w) bool, valid pixels.
        trim: Share of the valid pixels of each channel, those with the largest errors, that does
            not count.

    Returns:
        (B,); 0 for an image without a valid pixel.
    """
    if trim:
        mask = without_worst((pred - target).detach().abs(), mask, trim)
    error = (pred - target).where(mask, 0).abs().sum(dim=(2, 3))
    return (error / mask.sum(dim=(2, 3)).clamp(min=1)).sum(dim=1)


def without_worst(error: Tensor, mask: Tensor, share: float) -> Tensor:
    """Leave the pixels with the largest errors out of a mask.

    The number of pixels left out is the share of the valid ones, rounded to the nearest integer.
    Of equal errors the first in memory are kept. Shapes do not depend on the values, so that a
    GPU's host need not wait.

    Args:
        error: (B, C, h, w) float; any value where invalid.
        mask: (B, C, h, w) bool, valid pixels.
        share: Of the valid pixels of each channel, 0 to below 1.

    Returns:
        (B, C, h, w) bool.
    """
    ranked = error.where(mask, math.inf).flatten(2)
    order = ranked.argsort(dim=2, stable=True)  # invalid pixels come last
    valid = mask.flatten(2).sum(dim=2, keepdim=True)
    kept = valid - (valid * share).round()
    first = torch.arange(order.size(2), device=order.device) < kept
    return torch.zeros_like(first).scatter(2, order, first).view_as(mask) & mask


@MODELS.register_module()
class L1Loss(ImageLoss):
    """L1 loss: Eq. 7 on the two gradient maps, Eq. 8 on N, L_M on m, Eq. 10 on MDR's mean.

    Args:
        trim: Share of each image's valid pixels, those with the largest differences, that does not
            count, 0 to below 1. For labels that are partly wrong, as those of another network;
            the paper counts all.
        **kwargs: Those of :class:`ImageLoss`.
    """

    default_name = 'loss_l1'

    def __init__(self, trim: float = 0.0, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0 <= trim < 1:
            raise ValueError(f'trim: found {trim}, expected a share from 0 to below 1')
        self.trim = trim

    def per_image(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Mean absolute difference of the valid pixels that count, (B,)."""
        return masked_l1(pred, target, mask, self.trim)


@MODELS.register_module()
class MeanL1Loss(ImageLoss):
    """L1 loss between the means of two maps: Eq. 10 as it is printed, on M-Net's map.

    The means are over the valid pixels. By default Eq. 10 is :class:`L1Loss` on the mean that the
    MDR block regresses, which this one trains through the map that it is added to.

    Args:
        **kwargs: Those of :class:`ImageLoss`.
    """

    default_name = 'loss_mean_l1'

    def per_image(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Absolute difference of the means of the valid pixels, (B,)."""
        count = mask.sum(dim=(2, 3)).clamp(min=1)
        return ((pred - target).where(mask, 0).sum(dim=(2, 3)) / count).abs().sum(dim=1)


@MODELS.register_module()
class LogL1Loss(ImageLoss):
    """L1 loss of logarithms on M-Net's code (Eq. 11).

    Args:
        eps: The prediction is clamped at this positive code first, since M-Net's linear head can go
            below zero.
        **kwargs: Those of :class:`ImageLoss`.
    """

    default_name = 'loss_log_l1'

    def __init__(self, eps: float = 1e-3, **kwargs) -> None:
        super().__init__(**kwargs)
        self.eps = eps

    def per_image(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Mean absolute difference of the logarithms of the valid pixels, (B,)."""
        target = target.where(mask, 1)
        return masked_l1(pred.clamp(min=self.eps).log(), target.log(), mask)
