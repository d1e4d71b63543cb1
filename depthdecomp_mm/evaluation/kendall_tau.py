"""Rank correlation of predicted and measured depth."""

from __future__ import annotations

from typing import Literal

from depthdecomp_mm.registry import METRICS

from .base import DepthMapMetric
from .functional import kendall_tau
from .predictions import check_pred_key, is_inverse
from .protocol import ValidPixels


@METRICS.register_module()
class KendallTau(DepthMapMetric):
    """Kendall's tau over every pair of valid pixels, mean over images; key ``tau``.

    +1 always means the same order from near to far: ground truth in metres and ``pred_depth_map``
    grow with distance, disparity shrinks, and ``pred_normalized_map`` shrinks where the sample's
    ``representation`` is ``'inverse'`` (also when absent) and grows where it is ``'depth'``. Two
    of these metrics in one evaluator need different ``prefix``. No alignment that keeps the order
    changes tau, so that it has none.

    Args:
        variant: ``'b'``, which copes with ties and is what published numbers use, or ``'a'``, Eq.
            14 as written.
        pred_key: ``'pred_depth_map'`` or ``'pred_normalized_map'``.
        **kwargs: Those of :class:`DepthMapMetric`.

    Raises:
        ValueError: When the variant or key is unknown.
    """

    names = higher_is_better = ('tau',)
    min_pixels = 2

    def __init__(
        self, variant: Literal['a', 'b'] = 'b', pred_key: str = 'pred_depth_map', **kwargs
    ) -> None:
        if variant not in ('a', 'b'):
            raise ValueError(f"variant of Kendall's tau must be 'a' or 'b', but got {variant!r}")
        super().__init__(**kwargs)
        self.pred_key = check_pred_key(pred_key)
        self.variant = variant

    def measure(self, pixels: ValidPixels) -> dict[str, float]:
        """Compute tau of one image; NaN where ground truth or prediction is constant."""
        tau = kendall_tau(pixels.pred, pixels.gt, self.variant)
        # Reversing one of two orders changes the sign of tau and nothing else.
        same = pixels.relative == is_inverse(pixels, self.pred_key)
        return dict(tau=tau if same else -tau)

    def describe(self) -> str:
        """Name the variant, the map and the crop, in a sentence."""
        return f'{super().describe()}, tau-{self.variant} of {self.pred_key}, every valid pixel'
