"""One image and its depth map, read as training does and described."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from depthdecomp_mm.structures import is_unlabelled

from .converters.inspection import Outcome, depth_stats
from .transforms.decoding import read_bytes
from .transforms.loading import LoadDepthAnnotation, LoadImageFromFile


@dataclass(frozen=True)
class PairOutcome(Outcome):
    """What :func:`check_pair` found in one pair.

    Attributes:
        quantiles: (101, ) depth in metres, or disparity, at every percent of the measured pixels.
        used_share: Share of the measured pixels within ``min_depth`` and ``max_depth``.
        digest: Of the image file's content.
        pair_share: Share of the pairs of neighbours of which both are measured.
        fitted: Whether the pair has a relative map that fits its depth.
        fit_problem: Why it does not, where it has one.
    """

    quantiles: np.ndarray | None = None
    used_share: float = 1.0
    digest: bytes = b''
    pair_share: float = 1.0
    fitted: bool = False
    fit_problem: str = ''


def check_pair(info: dict) -> PairOutcome:
    """Read a pair as training does, but without the limits of the depth range.

    Of an image without labels nothing but that is known.

    Raises:
        SampleError: If a file is missing or damaged, the two do not fit each other, or nothing is
            measured.
    """
    image = LoadImageFromFile().transform(dict(info))
    digest = blake2b(read_bytes(info['img_path'], info.get('backend_args')), digest_size=16)
    if is_unlabelled(info):
        return PairOutcome(digest=digest.digest())
    unlimited = dict(image, min_depth=None, max_depth=None)
    results = LoadDepthAnnotation().transform(unlimited)
    depth, valid = results['gt_depth_map'], results['gt_valid_mask']
    stats = depth_stats(depth, valid, info['depth_map_path'])
    values = depth[valid]
    low, high = info.get('min_depth') or 0, info.get('max_depth') or np.inf
    return PairOutcome(
        stats,
        quantiles=np.quantile(values, np.linspace(0, 1, 101)).astype(np.float32),
        used_share=float(((values >= low) & (values <= high)).mean()),
        digest=digest.digest(),
        pair_share=pair_share(valid),
        fitted='gt_dense_map' in results,
        fit_problem=results.get('fit_problem', ''),
    )


def pair_share(valid: np.ndarray) -> float:
    """Share of the pairs of horizontal and vertical neighbours of which both are valid.

    Args:
        valid: (H, W) bool.
    """
    pairs = [valid[:, 1:] & valid[:, :-1], valid[1:] & valid[:-1]]
    return sum(int(pair.sum()) for pair in pairs) / max(sum(pair.size for pair in pairs), 1)
