"""Packing of a sample for the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import PixelData

from depthdecomp_mm.registry import TRANSFORMS
from depthdecomp_mm.structures import DepthDataSample, is_relative

META_KEYS = (
    'img_path',
    'depth_map_path',
    'backend_args',
    'label_type',
    'depth_unit',
    'focal',
    'ori_shape',
    'img_shape',
    'scale_factor',
    'flip',
    'flip_direction',
    'sample_idx',
    'sparse',
)
FIELDS = (
    ('gt_depth_map', np.float32),
    ('gt_valid_mask', bool),
    ('gt_dense_map', np.float32),
    ('gt_edge_mask', bool),
    ('gt_plane_mask', np.int32),
)


@TRANSFORMS.register_module()
class PackDepthInputs(BaseTransform):
    """Pack a sample into ``inputs``, (3, H, W) of the image's type, and ``data_samples``.

    ``data_samples`` is a :class:`DepthDataSample` with the maps below and the meta information,
    each where the sample has it. ``depth_unit`` follows the label type.

    Required Keys:

    - img: (H, W, 3)
    - gt_depth_map (optional): (H, W), metres or unitless disparity; 0 where invalid
    - gt_valid_mask (optional): (H, W) bool
    - gt_dense_map (optional): (H, W), metres; 0 where not known
    - gt_edge_mask (optional): (H, W) bool
    - gt_plane_mask (optional): (H, W) int32
    - label_type (optional; ``'metric'`` when absent)

    Args:
        meta_keys: Keys to keep as meta information.
    """

    def __init__(self, meta_keys: Sequence[str] = META_KEYS) -> None:
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        """Pack.

        Raises:
            ValueError: If the image has not three channels.
        """
        img = results['img']
        if img.ndim != 3 or img.shape[2] != 3:
            raise ValueError(
                f'{results.get("img_path")}: found image shape {img.shape}, expected (H, W, 3)'
            )
        meta = dict(results, depth_unit='unitless' if is_relative(results) else 'metre')
        sample = DepthDataSample(metainfo={k: meta[k] for k in self.meta_keys if k in meta})
        for key, dtype in FIELDS:
            if results.get(key) is not None:
                array = np.ascontiguousarray(results[key], dtype=dtype)
                setattr(sample, key, PixelData(data=torch.from_numpy(array)[None]))
        inputs = torch.from_numpy(np.ascontiguousarray(img.transpose(2, 0, 1)))
        return dict(inputs=inputs, data_samples=sample)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(meta_keys={self.meta_keys})'
