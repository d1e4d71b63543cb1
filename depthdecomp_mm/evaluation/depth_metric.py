"""Errors of metric depth maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from depthdecomp_mm.configs import metric_configs
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.registry import METRICS

from .aligned import AlignedMetric
from .functional import depth_errors
from .protocol import ValidPixels

SQUARED = ('rmse', 'rmse_log', 'silog')
"""Roots of a mean of squares."""


@METRICS.register_module()
class DepthMetric(AlignedMetric):
    """Mean over images of d1, d2, d3, abs_rel, sq_rel, rmse, rmse_log, log10 and silog.

    Formulas and units stand in :func:`depthdecomp_mm.evaluation.functional.depth_errors`. The
    prediction is limited to ``[min_depth, max_depth]`` first, after its alignment.

    Args:
        average: ``'image'`` for the mean over images, as ZoeDepth, MoGe and most others take it; or
            ``'pixel'`` for that over the pixels of all images, as Eigen et al. (2014)
            define it. Then rmse, rmse_log and silog are roots of the mean over all pixels, where
            silog takes each image's own mean of the logarithms.
        **kwargs: Those of :class:`AlignedMetric`.

    Raises:
        ValueError: When ``average`` is neither.
    """

    numbers = ('d1', 'd2', 'd3', 'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'log10', 'silog')
    higher_is_better = ('d1', 'd2', 'd3')

    def __init__(self, average: Literal['image', 'pixel'] = 'image', **kwargs) -> None:
        if average not in ('image', 'pixel'):
            raise ValueError(f"average must be 'image' or 'pixel', but got {average!r}")
        super().__init__(**kwargs)
        self.average = average

    def measure(self, pixels: ValidPixels) -> dict[str, float]:
        """Compute the errors of one image, under each alignment; with their number per pixel.

        Raises:
            SampleError: When the ground truth is disparity.
        """
        if pixels.relative:
            raise SampleError(
                f"{pixels.name}: DepthMetric needs ground truth of label_type 'metric', but found "
                "'relative'; use KendallTau or WHDR"
            )
        count = dict(pixels=float(pixels.gt.size)) if self.average == 'pixel' else {}
        return super().measure(pixels) | count

    def compare(self, pred: np.ndarray, pixels: ValidPixels) -> dict[str, float]:
        """Compute the errors of one aligned image."""
        limits = self.protocol.min_depth, self.protocol.max_depth
        return depth_errors(np.clip(pred, *limits), pixels.gt)

    def weight(self, values: Mapping[str, float]) -> float:
        """The number of an image's pixels, where every pixel counts alike."""
        return values['pixels'] if self.average == 'pixel' else 1.0

    def power(self, name: str) -> int:
        """2 for the roots of mean squares, where every pixel counts alike."""
        return 2 if self.average == 'pixel' and name.rpartition('/')[2] in SQUARED else 1

    def describe(self) -> str:
        """Name the range, the crop, the alignments and the average, in a sentence."""
        weighted = ', every pixel of all images alike' if self.average == 'pixel' else ''
        return f'{super().describe()}, prediction limited to that range{weighted}'


def align_metrics(
    evaluator: dict | list[dict], names: Sequence[str], has_metres: bool = True
) -> list[dict]:
    """Let a config's :class:`DepthMetric` align the predictions first.

    Args:
        evaluator: What a config says under ``test_evaluator``.
        names: Of :data:`~depthdecomp_mm.evaluation.alignment.ALIGNMENTS`.
        has_metres: Whether the network predicts metres; without, its normalized map is aligned.

    Returns:
        The metrics' configs. A :class:`DepthMetric` joins them where none is there.
    """
    stated = dict(align=list(names))
    if not has_metres:
        stated['pred_key'] = 'pred_normalized_map'
    configs = metric_configs(evaluator)
    if not any(map(_is_ours, configs)):
        configs.append(dict(type='depthdecomp_mm.DepthMetric'))
    return [dict(config, **stated) if _is_ours(config) else config for config in configs]


def _is_ours(config: dict) -> bool:
    metric = METRICS.get(config['type']) if isinstance(config['type'], str) else config['type']
    return isinstance(metric, type) and issubclass(metric, DepthMetric)
