"""What the losses share: weight, and the mean over the images that carry a label."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from depthdecomp_mm.structures import valid_pixels


def mean_over_labelled(
    per_image: Tensor, mask: Tensor, avg_factor: Tensor | float | None = None
) -> Tensor:
    """Mean over the images that have a valid pixel.

    Args:
        per_image: (B,) losses; 0 for an image without a valid pixel.
        mask: (B, C, h, w) bool, valid pixels.
        avg_factor: Number of images to divide by; by default those with a valid pixel. In a
            distributed run the mean of that number over the ranks, so that the mean of the ranks'
            losses is the loss of the global batch.

    Returns:
        Scalar; 0, and differentiable, if no image has a valid pixel.
    """
    if avg_factor is None:
        avg_factor = mask.flatten(1).any(1).sum()
    avg_factor = torch.as_tensor(avg_factor, device=per_image.device)
    return per_image.sum() / avg_factor.where(avg_factor > 0, 1)


class ImageLoss(nn.Module):
    """A loss that is first worked out for each image.

    It serves in heads of other toolboxes, too: these call it with a prediction and ground truth
    alone, and name the term by its ``loss_name``.

    Args:
        loss_weight: Factor of the term.
        loss_name: Name of the term in a head of another toolbox, beginning with ``loss_`` to be
            learnt from. By default after the class, as ``loss_l1`` and
            ``loss_multi_scale_gradient``.
    """

    default_name = 'loss_depth'

    def __init__(self, loss_weight: float = 1.0, loss_name: str | None = None) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.loss_name = loss_name or self.default_name

    def per_image(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """(B,) losses; 0, and differentiable, for an image without a valid pixel."""
        raise NotImplementedError

    def forward(
        self,
        pred: Tensor,
        target: Tensor,
        mask: Tensor | None = None,
        avg_factor: Tensor | float | None = None,
    ) -> Tensor:
        """Weighted mean over the images that have a valid pixel.

        Args:
            pred: (B, C, h, w) float32.
            target: (B, C, h, w) float32; any value where invalid.
            mask: (B, C, h, w) bool, valid pixels; by default where ``target``, depth in metres
                then, is positive and finite.
            avg_factor: See :func:`mean_over_labelled`.

        Returns:
            Scalar; 0, and differentiable, if no image has a valid pixel.
        """
        if mask is None:
            mask = valid_pixels(target)
        per_image = self.per_image(pred, target, mask)
        return self.loss_weight * mean_over_labelled(per_image, mask, avg_factor)
