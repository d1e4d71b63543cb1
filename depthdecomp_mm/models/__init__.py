"""The network and its parts."""

from .data_preprocessor import DepthDataPreprocessor
from .decoders import DepthDecoder, MDRBlock
from .depth_decomposer import DepthDecomposer
from .distilled_decomposer import DistilledDecomposer
from .encoders import TimmEncoder, TimmViTEncoder, WrappedEncoder
from .losses import L1Loss, LogL1Loss, MeanL1Loss, MultiScaleGradientLoss
from .necks import ViTPyramid

__all__ = [
    'DepthDataPreprocessor',
    'DepthDecoder',
    'DepthDecomposer',
    'DistilledDecomposer',
    'L1Loss',
    'LogL1Loss',
    'MeanL1Loss',
    'MDRBlock',
    'MultiScaleGradientLoss',
    'TimmEncoder',
    'TimmViTEncoder',
    'ViTPyramid',
    'WrappedEncoder',
]
