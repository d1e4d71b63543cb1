from .l1_loss import L1Loss, LogL1Loss, MeanL1Loss, masked_l1
from .multi_scale_gradient_loss import MultiScaleGradientLoss, multi_scale_gradient

__all__ = [
    'L1Loss',
    'LogL1Loss',
    'MeanL1Loss',
    'MultiScaleGradientLoss',
    'masked_l1',
    'multi_scale_gradient',
]
