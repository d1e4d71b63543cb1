"""Fields of a sample by name, with errors that name the sample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from mmengine.structures import BaseDataElement

from depthdecomp_mm.errors import SampleError


def sample_name(sample: Mapping | BaseDataElement) -> str:
    """Name a sample in a message: by its image, its depth map, or its number."""
    for key in ('img_path', 'depth_map_path'):
        if sample.get(key):
            return str(sample.get(key))
    return f'sample {sample.get("sample_idx", "without img_path")}'


def read_map(sample: Mapping | BaseDataElement, key: str, name: str) -> np.ndarray:
    """Return a field of a sample as (H, W) array.

    Raises:
        SampleError: When the field is absent or has another shape.
    """
    value = sample.get(key)
    if value is None:
        raise SampleError(f'{name}: {key} is absent; found {sorted(sample.keys())}')
    if not isinstance(value, (np.ndarray, torch.Tensor)):
        value = value['data'] if isinstance(value, Mapping) else value.data
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if value.ndim == 3 and value.shape[0] == 1:
        value = value[0]
    if value.ndim != 2:
        raise SampleError(f'{name}: {key} has shape {value.shape}, expected (1, H, W) or (H, W)')
    return value
