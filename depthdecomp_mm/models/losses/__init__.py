"""Losses over the valid pixels of each image."""

from .host_loss import HostLoss, masked
from .l1_loss import L1Loss, LogL1Loss, MeanL1Loss, masked_l1
from .multi_scale_gradient_loss import MultiScaleGradientLoss, multi_scale_gradient

__all__ = [
    'HostLoss',
    'L1Loss',
    'LogL1Loss',
    'MeanL1Loss',
    'MultiScaleGradientLoss',
    'masked',
    'masked_l1',
    'multi_scale_gradient',
]
