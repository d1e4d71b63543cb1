"""Where in depth and where in the frame the error lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from depthdecomp_mm.evaluation.protocol import Protocol

BINS = 20
ROWS, COLUMNS = 12, 16
KINDS = ('pixels', 'rel', 'square')


@dataclass
class FrameStatistics:
    """Sums over the evaluated pixels of one frame, or of several.

    Args:
        by_distance: (3, BINS) sums of 1, of the relative and of the squared error, by the true
            depth, in bins of equal width from 0 to the end of the range.
        by_place: (3, ROWS, COLUMNS) the same by where in the frame a pixel lies.
        predicted: (BINS,) pixels by their predicted depth.
        mean_true: Mean true depth of the frame, metres.
        mean_predicted: Mean predicted depth of the frame, metres.
    """

    by_distance: np.ndarray
    by_place: np.ndarray
    predicted: np.ndarray
    mean_true: float
    mean_predicted: float


def measure_frame(sample: Mapping[str, Any], protocol: Protocol) -> FrameStatistics | None:
    """Measure a frame; None where no pixel of it counts, or its ground truth is disparity.

    Args:
        sample: A :class:`~depthdecomp_mm.structures.DepthDataSample` as dict.
        protocol: Which pixels count.
    """
    pixels = protocol.select(sample, 'pred_depth_map')
    if pixels.relative or not pixels.gt.size:
        return None
    (height, width), (row, column) = pixels.frame, pixels.places()
    cell = row * ROWS // height * COLUMNS + column * COLUMNS // width
    true = pixels.gt.astype(np.float64)
    predicted = np.clip(pixels.pred, protocol.min_depth, protocol.max_depth).astype(np.float64)
    error = np.abs(predicted - true)
    weights = (np.ones_like(true), error / true, error**2)
    distance, seen = (_bin(depth, protocol.max_depth) for depth in (true, predicted))
    return FrameStatistics(
        np.stack([np.bincount(distance, w, BINS) for w in weights]),
        np.stack([np.bincount(cell, w, ROWS * COLUMNS).reshape(ROWS, COLUMNS) for w in weights]),
        np.bincount(seen, minlength=BINS),
        float(true.mean()),
        float(predicted.mean()),
    )


def _bin(depth: np.ndarray, end: float) -> np.ndarray:
    return np.minimum((depth / end * BINS).astype(int), BINS - 1)


def summarize(frames: Iterable[FrameStatistics | None], end: float) -> dict[str, Any] | None:
    """Sums over frames, as the page draws them; None where there are none.

    Args:
        frames: Of each image.
        end: End of the range of depth, metres.
    """
    found = [frame for frame in frames if frame is not None]
    if not found:
        return None
    distance, place = (
        dict(zip(KINDS, np.sum([getattr(f, name) for f in found], axis=0).tolist(), strict=True))
        for name in ('by_distance', 'by_place')
    )
    predicted = np.sum([frame.predicted for frame in found], axis=0).tolist()
    return dict(end=end, distance=dict(distance, predicted=predicted), place=place)
