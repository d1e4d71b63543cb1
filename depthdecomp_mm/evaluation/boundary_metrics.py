"""Metrics of the edges of depth."""

from __future__ import annotations

import numpy as np

from depthdecomp_mm.registry import METRICS

from .aligned import AlignedMetric
from .base import DepthMapMetric
from .boundaries import boundary_f1, depth_boundary_errors
from .protocol import ValidPixels


@METRICS.register_module()
class BoundaryF1(AlignedMetric):
    """Scale-invariant boundary F1 of Depth Pro, mean over images; key ``boundary_f1``.

    See :func:`~depthdecomp_mm.evaluation.boundaries.boundary_f1`. It is made for dense ground
    truth; the edges that a sensor measures are a few pixels off. A scale changes nothing.

    Args:
        **kwargs: Those of :class:`AlignedMetric`.
    """

    numbers = higher_is_better = ('boundary_f1',)

    def compare(self, pred: np.ndarray, pixels: ValidPixels) -> dict[str, float]:
        """Compute F1 of one aligned image."""
        return dict(boundary_f1=boundary_f1(pixels.on_map(pred), pixels.on_map(pixels.gt)))

    def describe(self) -> str:
        """Name the range, the crop, the alignments and the thresholds, in a sentence."""
        return f'{super().describe()}, ratios of neighbours above 1.05 to 1.25'


@METRICS.register_module()
class DepthBoundaryError(DepthMapMetric):
    """Depth boundary errors of iBims-1, mean over images; keys ``dbe_acc`` and ``dbe_comp``.

    See :func:`~depthdecomp_mm.evaluation.boundaries.depth_boundary_errors`; pixels. The true edges
    are the sample's ``gt_edge_mask``, (1, H, W) bool; images without one are left out. The
    prediction counts in the whole crop, also where no depth was measured.

    Args:
        **kwargs: Those of :class:`DepthMapMetric`.
    """

    names = ('dbe_acc', 'dbe_comp')
    undefined = 'no edge in gt_edge_mask'

    def measure(self, pixels: ValidPixels) -> dict[str, float]:
        """Compute the errors of one image; NaN where it has no true edge."""
        edges = pixels.field('gt_edge_mask')
        if edges is None:
            return dict.fromkeys(self.names, np.nan)
        return depth_boundary_errors(pixels.field(self.pred_key), edges.astype(bool))

    def describe(self) -> str:
        """Name the range, the crop and the definition, in a sentence."""
        return f'{super().describe()}, Canny edges of the map scaled to 0 to 1, within 10 pixels'
