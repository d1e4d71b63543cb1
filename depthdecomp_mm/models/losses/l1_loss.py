"""L1 losses on maps and on their logarithms."""

from __future__ import annotations

from torch import Tensor

from depthdecomp_mm.registry import MODELS

from .base import ImageLoss


def masked_l1(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean absolute error over the valid pixels of each channel, summed over the channels.

    Args:
        pred: (B, C, h, w) float.
        target: (B, C, h, w) float; any value where invalid.
        mask: (B, C, h, w) bool, valid pixels.

    Returns:
        (B,); 0 for an image without a valid pixel.
    """
    error = (pred - target).where(mask, 0).abs().sum(dim=(2, 3))
    return (error / mask.sum(dim=(2, 3)).clamp(min=1)).sum(dim=1)


@MODELS.register_module()
class L1Loss(ImageLoss):
    """L1 loss: Eq. 7 on the two gradient maps, Eq. 8 on N, L_M on m, Eq. 10 on MDR's mean.

    Args:
        **kwargs: Those of :class:`ImageLoss`.
    """

    default_name = 'loss_l1'

    def per_image(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Mean absolute difference of the valid pixels, (B,)."""
        return masked_l1(pred, target, mask)


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
