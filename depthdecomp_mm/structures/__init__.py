"""What is known and predicted of an image."""

from .crop import Crop, check_crop, crop_window, describe_crop
from .depth_data_sample import DepthDataSample
from .fields import read_map, sample_name
from .labels import LABEL_TYPES, is_relative, is_unlabelled, label_type_of
from .valid_pixels import valid_pixels, valid_pixels_of

__all__ = [
    'LABEL_TYPES',
    'Crop',
    'DepthDataSample',
    'check_crop',
    'crop_window',
    'describe_crop',
    'is_relative',
    'is_unlabelled',
    'label_type_of',
    'read_map',
    'sample_name',
    'valid_pixels',
    'valid_pixels_of',
]
