"""Errors of metric depth maps."""

from __future__ import annotations

import numpy as np

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.registry import METRICS

from .base import DepthMapMetric
from .functional import depth_errors
from .protocol import ValidPixels


@METRICS.register_module()
class DepthMetric(DepthMapMetric):
    """Mean over images of d1, d2, d3, abs_rel, sq_rel, rmse, rmse_log, log10 and silog.

    Formulas and units stand in :func:`depthdecomp_mm.evaluation.functional.depth_errors`. The
    prediction is limited to ``[min_depth, max_depth]`` first.

    Args:
        **kwargs: Those of :class:`DepthMapMetric`.
    """

    names = ('d1', 'd2', 'd3', 'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'log10', 'silog')
    higher_is_better = ('d1', 'd2', 'd3')

    def measure(self, pixels: ValidPixels) -> dict[str, float]:
        """Compute the errors of one image.

        Raises:
            SampleError: When the ground truth is disparity.
        """
        if pixels.relative:
            raise SampleError(
                f"{pixels.name}: DepthMetric needs ground truth of label_type 'metric', but found "
                "'relative'; use KendallTau or WHDR"
            )
        limits = self.protocol.min_depth, self.protocol.max_depth
        return depth_errors(np.clip(pixels.pred, *limits), pixels.gt)

    def describe(self) -> str:
        """Name the range and the crop, in a sentence."""
        return f'{super().describe()}, prediction limited to that range'
