"""The ground truth at the network's output resolution."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .layers import resize

WHOLE = 1 - 1e-4
"""Weight of the valid pixels from which on what a target comes from is valid, up to rounding."""


def nearest(depth: Tensor, valid: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Take the pixel at the top left of each target.

    Args:
        depth: (B, 1, H, W), metres or unitless disparity; 0 where invalid.
        valid: (B, 1, H, W) bool.
        size: (h, w).

    Returns:
        Depth and mask of this size.
    """
    return F.interpolate(depth, size=size), F.interpolate(valid.float(), size=size) > 0


def bilinear(depth: Tensor, valid: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Interpolate with aligned corners, as predictions are resized to the ground truth's size.

    A target is valid only if all that it comes from is. Arguments and results as :func:`nearest`.
    """
    weight = resize(valid.float(), size)
    valid = weight > WHOLE
    return (resize(depth, size) / weight.clamp(min=WHOLE)).where(valid, 0), valid


def nearest_surface(depth: Tensor, valid: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Take the least depth of each target's area, so that no scattered measurement gets lost.

    Arguments and results as :func:`nearest`.
    """
    nearness = F.adaptive_max_pool2d((-depth).where(valid, -torch.inf), size)
    valid = nearness.isfinite()
    return (-nearness).where(valid, 0), valid


METHODS = {'nearest': nearest, 'bilinear': bilinear}
