"""Metric depth from a normalized map and a few known depths (Eq. 2 of the paper)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from mmengine.structures import PixelData

from depthdecomp_mm.decomposition import DepthCodec
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.robust_fit import huber_line
from depthdecomp_mm.structures import DepthDataSample, sample_name, valid_pixels

from .measurements import Point


class Alignment(NamedTuple):
    """A normalized map brought to metres.

    Attributes:
        depth: (H, W) float32 metres, within the codec's range.
        scale: The fitted standard deviation, sigma in Eq. 2.
        shift: The fitted mean, mu in Eq. 2.
    """

    depth: np.ndarray
    scale: float
    shift: float


def align_to_metric(
    normalized: np.ndarray, known_depth: np.ndarray, codec: DepthCodec | None = None
) -> Alignment:
    """Fit scale and shift of a normalized map to known depths, and apply them.

    The fit is in the representation that the map was learned in: ``scale * normalized + shift``
    meets the code of the known depths, by Huber's loss, so that a few wrong ones do little harm.
    This is how a model without M-Net gives metres, and the
    baseline that the paper sets its M-Net against.

    Args:
        normalized: (H, W) z-scores, unitless.
        known_depth: (H, W) metres; 0, negative or not finite where not known.
        codec: Representation and range; by default inverse depth and 1e-3 to 10 m.

    Raises:
        ValueError: If the sizes differ, or the known points do not determine scale and shift: fewer
            than two, or all of the same normalized value.

    Examples:
        >>> known = np.array([[2.0, 0.0, 4.0]])  # metres; the middle is not known
        >>> aligned = align_to_metric(np.array([[-1.0, 0.0, 1.0]]), known, DepthCodec('depth'))
        >>> aligned.depth.round(4).tolist(), round(aligned.scale, 4), round(aligned.shift, 4)
        ([[2.0, 3.0, 4.0]], 1.0, 3.0)
    """
    codec = codec or DepthCodec()
    if normalized.shape != known_depth.shape or normalized.ndim != 2:
        raise ValueError(
            f'normalized and known_depth are expected to be (H, W) alike, but found '
            f'{normalized.shape} and {known_depth.shape}'
        )
    known = valid_pixels(known_depth) & np.isfinite(normalized)
    x = normalized[known].astype(np.float64)
    y = codec.encode(torch.from_numpy(known_depth[known].astype(np.float64))).numpy()
    if x.size < 2 or np.ptp(x) == 0:
        raise ValueError(
            f'scale and shift need two known depths at different normalized values, but found '
            f'{x.size} known, {len(np.unique(x))} values'
        )
    scale, shift = huber_line(x, y)
    code = torch.from_numpy(scale * normalized.astype(np.float64) + shift)
    return Alignment(codec.decode(code).float().numpy(), scale, shift)


def align_sample(sample: DepthDataSample, points: Sequence[Point], codec: DepthCodec) -> None:
    """Give a prediction of a model without M-Net its depth in metres, from points of its image.

    Raises:
        SampleError: If a point is outside, or the points do not determine scale and shift.
    """
    normalized, name = sample.pred_normalized_map.data, sample_name(sample)
    known = np.zeros(normalized.shape[-2:])
    for point in points:
        point.check_inside(known.shape, name)
        known[point.y, point.x] = point.metres
    try:
        aligned = align_to_metric(normalized[0].numpy(), known, codec)
    except ValueError as error:
        raise SampleError(f'{name}: {error}') from error
    sample.pred_depth_map = PixelData(data=torch.from_numpy(aligned.depth)[None])
