"""Data sets, their transforms and the sampler of mixed batches."""

from depthdecomp_mm.errors import SampleError

from .base_depth_dataset import BaseDepthDataset
from .concat_dataset import ConcatDataset
from .custom import CustomDepthDataset
from .diml_indoor import DIMLIndoorDataset
from .hrwsi import HRWSIDataset
from .kitti import KITTIDataset
from .nyu import NYUDataset
from .samplers import MixedDatasetSampler
from .sunrgbd import SUNRGBDDataset
from .transforms import (
    LoadDepthAnnotation,
    LoadImageFromFile,
    PackDepthInputs,
    PhotometricAugment,
    RandomCrop,
    RandomFlip,
    RandomRotate,
    Resize,
)

__all__ = [
    'BaseDepthDataset',
    'ConcatDataset',
    'CustomDepthDataset',
    'DIMLIndoorDataset',
    'HRWSIDataset',
    'KITTIDataset',
    'LoadDepthAnnotation',
    'LoadImageFromFile',
    'MixedDatasetSampler',
    'NYUDataset',
    'PackDepthInputs',
    'PhotometricAugment',
    'RandomCrop',
    'RandomFlip',
    'RandomRotate',
    'Resize',
    'SUNRGBDDataset',
    'SampleError',
]
