"""Depth that is known up to a scale or a shift, brought to the ground truth before it is compared.

All fits use every evaluated pixel of an image, in float64, and one image alone. What comes out is
then limited to the range of the evaluation, as ZoeDepth's and monodepth2's scripts do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from depthdecomp_mm.robust_fit import relative_scale

ALIGNMENTS = {
    'none': 'metres as predicted',
    'median': 'scale median(truth) / median(prediction)',
    'scale': 'scale of the least mean |error| / truth',
    'affine_depth': 'scale and shift of depth, least squares',
    'affine_disparity': 'scale and shift of 1/depth, least squares',
    'affine_code': 'scale and shift of 1/(depth + 1), least squares',
}
"""Names of the alignments, and what each does in words.

``none``
    ZoeDepth, ``zoedepth/utils/misc.py``, ``compute_metrics``, and BTS,
    ``utils/eval_with_pngs.py``, ``eval``: the prediction is limited to the range
    (``pred[pred < min_depth_eval] = min_depth_eval``, and so on), no more.
``median``
    monodepth2, ``evaluate_depth.py``, ``evaluate``:
    ``ratio = np.median(gt_depth) / np.median(pred_depth)``.
``scale``
    MoGe, ``moge/utils/alignment.py``, ``align`` without ``trunc``, as ``moge/test/metrics.py``
    has it under 'Scale-invariant depth', with the weights ``1 / gt``. MoGe fits at up to 64 x 64
    pixels, this at all.
``affine_depth``
    Marigold, ``src/util/alignment.py``, ``align_depth_least_square``: ``np.linalg.lstsq`` of depth.
    (MoGe's affine-invariant depth is the least sum of ``|error| / gt`` in place of squares.)
``affine_disparity``
    MoGe, ``moge/test/metrics.py`` under 'Affine-invariant disparity', with ``align_affine_lstsq``:
    least squares of ``1 / gt``; disparities below that of the farthest ground truth are raised to
    it.
``affine_code``
    Eq. 2 and 12 of the paper: the same in ``1 / (depth + 1)``, in which the network learns.
"""
OF_RELATIVE = {'inverse': ('affine_disparity', 'affine_code'), 'depth': ('affine_depth',)}
"""Those of a normalized map, by its representation."""


def check_alignments(names: str | Sequence[str]) -> tuple[str, ...]:
    """The names of alignments as a tuple.

    Raises:
        ValueError: When there is none, one is unknown, or one comes twice.
    """
    names = (names,) if isinstance(names, str) else tuple(names)
    if not names or set(names) - set(ALIGNMENTS) or len(set(names)) < len(names):
        raise ValueError(f'align must be one or several of {tuple(ALIGNMENTS)}, but got {names}')
    return names


def align(name: str, pred: np.ndarray, gt: np.ndarray, is_inverse: bool = False) -> np.ndarray:
    """Bring the prediction of an image to its ground truth.

    Args:
        name: One of :data:`ALIGNMENTS`.
        pred: (N,) float64 prediction of the evaluated pixels, depth, positive and finite; or a map
            that is known up to scale and shift, for the affine alignments.
        gt: (N,) float64 ground truth of the same pixels, metres, positive.
        is_inverse: Whether ``pred`` is a disparity or code, larger where nearer, and not depth.

    Returns:
        (N,) float64 metres; not limited to a range, and for ``affine_depth`` not always positive.

    Examples:
        >>> gt = np.array([1.0, 2.0, 4.0])
        >>> align('median', 3 * gt, gt).tolist()
        [1.0, 2.0, 4.0]
        >>> align('affine_depth', 2 * gt - 1, gt).round(6).tolist()
        [1.0, 2.0, 4.0]
    """
    if name == 'none':
        return pred
    if name == 'median':
        return pred * (np.median(gt) / np.median(pred))
    if name == 'scale':
        return pred * relative_scale(pred, gt, heaviest=math.inf)
    if name == 'affine_depth':
        return fitted(pred, gt)
    offset = {'affine_disparity': 0.0, 'affine_code': 1.0}[name]
    inverse = fitted(pred if is_inverse else 1 / (pred + offset), 1 / (gt + offset))
    return 1 / np.maximum(inverse, 1 / (gt.max() + offset)) - offset


def fitted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The line ``scale * x + shift`` of least squares to y; its mean where x is constant.

    Args:
        x: (N,) float64.
        y: (N,) float64.
    """
    mean = y.mean()
    x = x - x.mean()
    square = x @ x
    scale = x @ (y - mean) / square if square else 0.0
    x *= scale
    x += mean
    return x
