"""Losses of other toolboxes in our model."""

from __future__ import annotations

import inspect

import torch
from torch import Tensor, nn

from .base import mean_over_labelled


class HostLoss(nn.Module):
    """A loss that knows no mask, on the valid pixels of each image.

    Losses of other toolboxes are called with a prediction and a target, and take what else they are
    given for a weight. This one hands them the valid pixels of one image at a time, as (1, N), so
    that they need no convention for invalid ones; a loss that needs neighbours cannot be served so.

    Args:
        loss: The loss; its own ``loss_weight`` counts.
    """

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss
        self.loss_weight = getattr(loss, 'loss_weight', 1.0)

    def forward(
        self, pred: Tensor, target: Tensor, mask: Tensor, avg_factor: Tensor | None = None
    ) -> Tensor:
        """Mean over the images that have a valid pixel, as in :class:`ImageLoss`."""
        images = zip(pred, target, mask, strict=True)
        per_image = torch.stack([self._of_image(p[m], t[m]) for p, t, m in images])
        return mean_over_labelled(per_image, mask, avg_factor)

    def _of_image(self, pred: Tensor, target: Tensor) -> Tensor:
        return self.loss(pred[None], target[None]).mean() if len(pred) else pred.sum()


def masked(loss: nn.Module) -> nn.Module:
    """The loss itself if its ``forward`` has an argument ``mask``, else a :class:`HostLoss`.

    Raises:
        ValueError: If it has ``mask``, but cannot be called as :class:`ImageLoss` is.
    """
    signature = inspect.signature(loss.forward)
    if 'mask' not in signature.parameters:
        return HostLoss(loss)
    try:
        signature.bind('pred', 'target', 'mask', avg_factor=None)
    except TypeError as error:
        raise ValueError(
            f'{type(loss).__name__}.forward{signature}: with a mask it is to be called as that of '
            f'ImageLoss, with (pred, target, mask, avg_factor=...): {error}'
        ) from error
    return loss
