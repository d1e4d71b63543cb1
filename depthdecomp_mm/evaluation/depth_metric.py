"""Errors of metric depth maps."""

from __future__ import annotations

import numpy as np
from mmengine.logging import print_log

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

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Average over images, and print the result as a table of one row."""
        means = super().compute_metrics(results)
        print_log('\n' + format_row(means), logger='current')
        return means

    def describe(self) -> str:
        """Name the range and the crop, in a sentence."""
        return f'{super().describe()}, prediction limited to that range'


def format_row(values: dict[str, float]) -> str:
    """Lay out named numbers as a table of one row."""
    cells = [(key, f'{value:.4f}') for key, value in values.items()]
    widths = [max(len(key), len(number)) for key, number in cells]
    rule = '+'.join('-' * (width + 2) for width in widths)
    rows = (
        '|'.join(f' {cell:>{width}} ' for cell, width in zip(row, widths, strict=True))
        for row in zip(*cells, strict=True)
    )
    head, body = (f'|{row}|' for row in rows)
    return '\n'.join((f'+{rule}+', head, f'+{rule}+', body, f'+{rule}+'))
