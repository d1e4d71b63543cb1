"""Which pixels of the ground truth are valid."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from .depth_data_sample import DepthDataSample

Map = TypeVar('Map', Tensor, np.ndarray)


def valid_pixels(depth: Map, mask: Map | None = None) -> Map:
    """Where a depth map holds a measurement.

    Training, evaluation and pictures all begin with this, and may leave out more: what is outside
    a crop or a range.

    Args:
        depth: Metres or unitless disparity, of any shape.
        mask: Bool, of the same shape: what its source calls valid. A disparity may be 0 there.

    Returns:
        Bool, of the same shape: where ``mask`` is set and the value is finite; without a mask where
        the value is positive and finite.

    Examples:
        >>> depth = np.array([1.5, 0.0, np.nan, np.inf])
        >>> valid_pixels(depth).tolist()
        [True, False, False, False]
        >>> valid_pixels(depth, np.array([True, True, True, False])).tolist()
        [True, True, False, False]
    """
    if mask is None:
        return (depth > 0) & (depth < np.inf)
    return mask & (abs(depth) < np.inf)


def valid_pixels_of(sample: DepthDataSample) -> Tensor:
    """Where the ground truth of a sample is valid, (1, H, W) bool.

    Padding counts for nothing, whatever a host's preprocessor fills it with, and also where it pads
    the depth map but not the mask.
    """
    depth = sample.gt_depth_map.data
    height, width = sample.metainfo.get('img_shape', depth.shape[-2:])[:2]
    if 'gt_valid_mask' not in sample:
        valid = valid_pixels(depth)
        valid[..., height:, :] = False
        valid[..., width:] = False
        return valid
    mask = sample.gt_valid_mask.data.bool()
    if mask.shape[-2:] == (height, width):
        right, bottom = max(depth.shape[-1] - width, 0), max(depth.shape[-2] - height, 0)
        mask = F.pad(mask, (0, right, 0, bottom))
    return valid_pixels(depth, mask)
