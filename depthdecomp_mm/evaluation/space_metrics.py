"""Metrics of predicted depth as points in space."""

from __future__ import annotations

import math

import numpy as np

from depthdecomp_mm.registry import METRICS

from .aligned import AlignedMetric
from .base import DepthMapMetric
from .points import cloud_errors, focal_of, plane_errors, plane_normal, rays
from .protocol import ValidPixels

SMALLEST_PLANE = 0.05
"""Of the frame's pixels; smaller planes do not count (iBims-1)."""


@METRICS.register_module()
class PointCloudMetric(AlignedMetric):
    """Chamfer distance and F-score of point clouds, mean over images.

    Keys are ``chamfer`` (metres) and ``f_score``, see
    :func:`~depthdecomp_mm.evaluation.points.cloud_errors`. Both clouds are made with the sample's
    ``focal``; images without are left out. The prediction is limited to
    ``[min_depth, max_depth]`` first, after its alignment. A thinner cloud has larger distances, so
    that numbers with different ``points`` are not to be compared.

    Args:
        threshold: Distance up to which points count for the F-score, metres.
        points: Most points of a cloud, for speed: of a larger one each second, third and so on
            row and column is taken. None takes every pixel, which takes tens of times as long.
        **kwargs: Those of :class:`AlignedMetric`.

    Raises:
        ValueError: When the threshold or the number of points is not positive.
    """

    numbers = ('chamfer', 'f_score')
    higher_is_better = ('f_score',)
    undefined = 'no focal length'

    def __init__(self, threshold: float = 0.05, points: int | None = 15000, **kwargs) -> None:
        if not threshold > 0 or (points is not None and points < 1):
            raise ValueError(
                f'threshold and points must be positive, but got {threshold} and {points}'
            )
        super().__init__(**kwargs)
        self.threshold = threshold
        self.points = points

    def compare(self, pred: np.ndarray, pixels: ValidPixels) -> dict[str, float]:
        """Compute the numbers of one aligned image; NaN where it has no focal length."""
        focal = focal_of(pixels)
        if focal is None:
            return dict.fromkeys(self.numbers, np.nan)
        rows, columns = pixels.places()
        kept = self._kept(rows, columns)
        directions = rays(rows[kept], columns[kept], pixels.frame, focal)
        pred = np.clip(pred[kept], self.protocol.min_depth, self.protocol.max_depth)
        clouds = (directions * depth[:, None] for depth in (pred, pixels.gt[kept]))
        return cloud_errors(*clouds, self.threshold)

    def _kept(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Indices of the pixels on each second row and column, or each third, and so on."""
        step = math.ceil(math.sqrt(rows.size / self.points)) if self.points else 1
        kept = np.flatnonzero((rows % step == 0) & (columns % step == 0))
        return kept if kept.size else np.arange(rows.size)

    def describe(self) -> str:
        """Name the range, the crop, the alignments and the clouds, in a sentence."""
        of = f'up to {self.points} points' if self.points else 'every pixel'
        return (
            f'{super().describe()}, prediction limited to that range, {of} of each cloud, '
            f'F-score at {100 * self.threshold:g} cm'
        )


@METRICS.register_module()
class PlanarityError(DepthMapMetric):
    """Planarity errors of iBims-1, mean over images; keys ``pe_flat`` and ``pe_ori``.

    The sample's ``gt_plane_mask``, (1, H, W) integers, tells the planes: 1, 2 and so on, 0
    elsewhere. Of each that covers 5 % of the frame or more, the prediction is scaled to the median
    of the ground truth there, brought to space with the sample's ``focal``, and a plane is fitted
    to it: ``pe_flat`` is the standard deviation from it, centimetres, and ``pe_ori`` its angle to
    the plane that fits the ground truth, degrees. An image has the means over its planes; images
    without any are left out.

    Definition: Koch et al. (2018) and ``evaluate_ibims_error_metrics.py``,
    ``compute_planarity_error``, which reads the true planes from files and averages over the planes
    of all images alike.

    Args:
        **kwargs: Those of :class:`DepthMapMetric`.
    """

    names = ('pe_flat', 'pe_ori')
    undefined = 'no plane of 5 % of the frame in gt_plane_mask, or no focal length'

    def measure(self, pixels: ValidPixels) -> dict[str, float]:
        """Compute the errors of one image; NaN where it has no plane or focal length."""
        planes, focal = pixels.field('gt_plane_mask'), focal_of(pixels)
        found = []
        if planes is not None and focal is not None:
            labels = planes.ravel()[pixels.indices]
            directions = rays(*pixels.places(), pixels.frame, focal)
            least = SMALLEST_PLANE * math.prod(pixels.frame)
            counts = np.bincount(labels)
            found = [
                self._errors(pixels, directions, labels == label)
                for label in np.flatnonzero(counts >= least)
                if label
            ]
        means = np.mean(found, axis=0) if found else (np.nan, np.nan)
        return dict(zip(self.names, map(float, means), strict=True))

    @staticmethod
    def _errors(
        pixels: ValidPixels, directions: np.ndarray, plane: np.ndarray
    ) -> tuple[float, float]:
        pred, gt = (depth[plane].astype(np.float64) for depth in (pixels.pred, pixels.gt))
        pred *= np.median(gt) / np.median(pred)
        _, normal = plane_normal(directions[plane] * gt[:, None])
        return plane_errors(directions[plane] * pred[:, None], normal)

    def describe(self) -> str:
        """Name the range, the crop and the planes, in a sentence."""
        return f'{super().describe()}, planes of 5 % of the frame, each scaled to its median'
