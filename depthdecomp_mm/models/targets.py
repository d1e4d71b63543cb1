"""What the network is to predict: the ground truth, resized and decomposed."""

from __future__ import annotations

import torch
from torch import Tensor

from depthdecomp_mm.decomposition import DepthCodec, decompose
from depthdecomp_mm.structures import (
    DepthDataSample,
    is_relative,
    valid_pixels,
    valid_pixels_of,
)

from .cameras import camera_scales
from .target_resizing import METHODS, nearest_surface


@torch.no_grad()
def make_targets(
    data_samples: list[DepthDataSample],
    size: tuple[int, int],
    codec: DepthCodec,
    resizing: str,
    canonical_focal: float | None = None,
) -> dict[str, tuple[Tensor, Tensor]]:
    """Decompose the ground truth at network resolution.

    Args:
        data_samples: B samples with ground truth of one size.
        size: (h, w) of the network's outputs.
        codec: Turns metres into the model's representation; disparity stays as it is.
        resizing: A name of :data:`~depthdecomp_mm.models.target_resizing.METHODS`.
        canonical_focal: As of :func:`~depthdecomp_mm.models.cameras.camera_scales`.

    Returns:
        For each output its target and bool mask, of the same shape as the output. A relative sample
        has a mask of False for ``metric`` and ``mean``. A sample with a dense map beside its
        measurements has the others from that; a sparse one without has masks of False for all but
        ``metric``, since scattered points tell neither neighbours nor the mean of the frame.
    """
    depth = torch.stack([sample.gt_depth_map.data for sample in data_samples]).float()
    valid = torch.stack([valid_pixels_of(sample) for sample in data_samples])
    relative = _flags([is_relative(sample) for sample in data_samples], depth)
    sparse = [bool(sample.get('sparse')) for sample in data_samples]
    metric = whole = METHODS[resizing](depth.where(valid, 0), valid, size)
    if any(sparse) or any('gt_dense_map' in sample for sample in data_samples):
        points, is_sparse = nearest_surface(depth, valid, size), _flags(sparse, depth)
        metric = [torch.where(is_sparse, *pair) for pair in zip(points, metric, strict=True)]
        whole = METHODS[resizing](*_whole_frames(data_samples, depth, valid), size)
    scales = camera_scales(data_samples, canonical_focal, depth.device)
    code, whole_code = (
        torch.where(relative, metres, codec.encode(metres, scales)) for metres, _ in (metric, whole)
    )
    parts = decompose(whole_code, whole[1])
    return dict(
        gradients=(parts.gradients, parts.gradients_mask),
        normalized=(parts.normalized, parts.normalized_mask),
        metric=(code, metric[1] & ~relative),
        mean=(parts.mean, parts.mean_mask & ~relative),
    )


def _whole_frames(
    data_samples: list[DepthDataSample], depth: Tensor, valid: Tensor
) -> tuple[Tensor, Tensor]:
    """What each sample knows of its whole frame, and where: (B, 1, H, W) each."""
    maps, masks = list(depth), list(valid)
    for i, sample in enumerate(data_samples):
        if 'gt_dense_map' in sample:
            maps[i] = sample.gt_dense_map.data.float()
            masks[i] = valid_pixels(maps[i])
        elif sample.get('sparse'):
            masks[i] = torch.zeros_like(masks[i])
    masks = torch.stack(masks)
    return torch.stack(maps).where(masks, 0), masks


def _flags(values: list[bool], like: Tensor) -> Tensor:
    """(B, 1, 1, 1) bool on a tensor's device."""
    # filled there: a tensor made of a list would be copied while the host waits
    return torch.stack([like.new_full((1, 1, 1), value, dtype=torch.bool) for value in values])
