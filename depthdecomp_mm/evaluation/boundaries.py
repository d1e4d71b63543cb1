"""Whether edges of depth are where they should be, as pure functions of maps."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .canny import canny

THRESHOLDS = np.linspace(1.05, 1.25, 10)
"""Ratios of neighbouring depths, each weighted by itself (``SI_boundary_F1`` of Depth Pro)."""
NEAR = 10.0
"""Pixels from a true edge, beyond which predicted edges do not count (iBims-1)."""


def boundary_f1(pred: np.ndarray, gt: np.ndarray) -> float:
    """Scale-invariant boundary F1 of Depth Pro.

    A boundary lies between two neighbours where the ratio of their depths is above a threshold;
    which of them is the nearer one counts. F1 is that of the means of precision and recall over the
    four directions, and is averaged over :data:`THRESHOLDS`, weighted by them. Without a boundary
    in the ground truth it is 0. Definition: Depth Pro (2024), Sec. 3.3, and its
    ``src/depth_pro/eval/boundary_metrics.py``, ``SI_boundary_F1``. Its maps are dense; here pairs
    with a neighbour that was not measured do not count.

    Args:
        pred: (H, W) depth; NaN where ``gt`` is.
        gt: (H, W) depth; NaN where not measured.

    Examples:
        >>> step = np.array([[1.0, 1.0, 2.0, 2.0]])
        >>> boundary_f1(3 * step, step), boundary_f1(np.ones((1, 4)), step)
        (0.25, 0.0)
    """
    pred, gt = (1 / np.clip(depth, 1e-6, None) for depth in (pred, gt))
    found = np.zeros((4, 3, THRESHOLDS.size))
    for axis in (0, 1):
        for side in (0, 1):
            ratios = (_ratios(inverse, axis, side) for inverse in (pred, gt))
            found[2 * axis + side] = _counts(*ratios)
    both, predicted, true = found.transpose(1, 0, 2)
    precision = (both / np.maximum(predicted, 1)).mean(axis=0)
    recall = (both / np.maximum(true, 1)).mean(axis=0)
    total = precision + recall
    scores = np.where(total > 0, 2 * precision * recall / np.where(total > 0, total, 1), 0.0)
    return float(scores @ (THRESHOLDS / THRESHOLDS.sum()))


def _ratios(inverse: np.ndarray, axis: int, side: int) -> np.ndarray:
    """Each value by its neighbour before or behind it, flat; above 1 where it is the nearer one."""
    first, second = (inverse[:-1], inverse[1:]) if axis == 0 else (inverse[:, :-1], inverse[:, 1:])
    return (second / first if side else first / second).ravel()


def _counts(pred: np.ndarray, gt: np.ndarray) -> np.ndarray:
    """How often both ratios, that of pred and that of gt are above each threshold, (3, T)."""
    levels = THRESHOLDS.size + 1
    pairs = np.flatnonzero((pred > THRESHOLDS[0]) | (gt > THRESHOLDS[0]))
    pred, gt = (np.searchsorted(THRESHOLDS, ratios[pairs]) for ratios in (pred, gt))
    table = np.bincount(levels * pred + gt, minlength=levels**2).reshape(levels, levels)
    above = table[::-1, ::-1].cumsum(0).cumsum(1)[::-1, ::-1]  # of at least these levels
    return np.stack([above.diagonal()[1:], above[1:, 0], above[0, 1:]])


def depth_boundary_errors(pred: np.ndarray, edges: np.ndarray) -> dict[str, float]:
    """Accuracy and completeness of edges of depth, the depth boundary errors of iBims-1.

    - ``dbe_acc``: mean distance of predicted edges from true ones, of those less than 10 away
    - ``dbe_comp``: mean distance of true edges from predicted ones

    Edges of the prediction are those of a Canny filter of the map, scaled to 0 to 1. Both are 10
    where no predicted edge is near a true one. Definition: Koch et al. (2018) and their
    ``evaluate_ibims_error_metrics.py`` of version 0.9, ``compute_depth_boundary_error``. Other
    copies of that script have other thresholds (0.15 and 0.3) and another completeness.

    Args:
        pred: (H, W) depth, finite.
        edges: (H, W) bool, edges of the true depth.

    Returns:
        Pixels; NaN where ``edges`` has none.
    """
    if not edges.any():
        return dict(dbe_acc=np.nan, dbe_comp=np.nan)
    scaled = pred.astype(np.float32) - pred.min()
    found = canny(scaled / max(scaled.max(), np.finfo(np.float32).tiny))
    from_true = ndimage.distance_transform_edt(~edges)
    near = found & (from_true < NEAR)
    if not near.any():
        return dict(dbe_acc=NEAR, dbe_comp=NEAR)
    from_found = ndimage.distance_transform_edt(~found)
    return dict(dbe_acc=float(from_true[near].mean()), dbe_comp=float(from_found[edges].mean()))
