"""What the network is to predict: the ground truth, resized and decomposed."""

from __future__ import annotations

import torch
from torch import Tensor

from depthdecomp_mm.decomposition import DepthCodec, decompose
from depthdecomp_mm.structures import DepthDataSample, is_relative, valid_pixels_of

from .cameras import camera_scales
from .target_resizing import METHODS


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
        has a mask of False for ``metric`` and ``mean``.
    """
    depth = torch.stack([sample.gt_depth_map.data for sample in data_samples]).float()
    valid = torch.stack([valid_pixels_of(sample) for sample in data_samples])
    depth, valid = METHODS[resizing](depth.where(valid, 0), valid, size)
    # filled on the device: a tensor made of a list would be copied there while the host waits
    flags = [depth.new_full((1, 1, 1), is_relative(s), dtype=torch.bool) for s in data_samples]
    relative = torch.stack(flags)
    scales = camera_scales(data_samples, canonical_focal, depth.device)
    code = torch.where(relative, depth, codec.encode(depth, scales))
    parts = decompose(code, valid)
    return dict(
        gradients=(parts.gradients, parts.gradients_mask),
        normalized=(parts.normalized, parts.normalized_mask),
        metric=(code, valid & ~relative),
        mean=(parts.mean, parts.mean_mask & ~relative),
    )
