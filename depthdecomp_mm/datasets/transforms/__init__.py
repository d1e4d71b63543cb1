"""Transforms of images together with their depth maps."""

from .edges_and_planes import LoadEdgesAndPlanes
from .formatting import PackDepthInputs
from .geometric import RandomCrop, RandomFlip, RandomRotate, Resize
from .loading import LoadDepthAnnotation, LoadImageFromFile
from .photometric import PhotometricAugment

__all__ = [
    'LoadDepthAnnotation',
    'LoadEdgesAndPlanes',
    'LoadImageFromFile',
    'PackDepthInputs',
    'PhotometricAugment',
    'RandomCrop',
    'RandomFlip',
    'RandomRotate',
    'Resize',
]
