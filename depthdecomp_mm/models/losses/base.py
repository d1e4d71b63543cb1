"""What the losses share: weight, and the mean over the images that carry a label."""

from __future__ import annotations

from torch import Tensor, nn


class ImageLoss(nn.Module):
    """A loss that is first worked out for each image.

    Args:
        loss_weight (float): Factor of the term.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def per_image(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """(B,) losses; 0, and differentiable, for an image without a valid pixel."""
        raise NotImplementedError

    def forward(
        self, pred: Tensor, target: Tensor, mask: Tensor, avg_factor: Tensor | None = None
    ) -> Tensor:
        """Weighted mean over the images that have a valid pixel.

        Args:
            pred: (B, C, h, w) float32.
            target: (B, C, h, w) float32; any value where invalid.
            mask: (B, C, h, w) bool, valid pixels.
            avg_factor: Number of images to divide by; by default those with a valid pixel. In a
                distributed run the mean of that number over the ranks, so that the mean of the
                ranks' losses is the loss of the global batch.

        Returns:
            Tensor: Scalar; 0, and differentiable, if no image has a valid pixel.
        """
        if avg_factor is None:
            avg_factor = mask.flatten(1).any(1).sum()
        total = self.per_image(pred, target, mask).sum()
        return self.loss_weight * total / avg_factor.where(avg_factor > 0, 1)
