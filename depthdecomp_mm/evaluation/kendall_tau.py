"""Rank correlation of predicted and measured depth."""

from __future__ import annotations

from typing import Literal

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.registry import METRICS

from .base import DepthMapMetric
from .functional import kendall_tau
from .protocol import ValidPixels


@METRICS.register_module()
class KendallTau(DepthMapMetric):
    """Kendall's tau over every pair of valid pixels, mean over images; key ``tau``.

    +1 always means the same order from near to far: ground truth in metres and ``pred_depth_map``
    grow with distance, disparity shrinks, and ``pred_normalized_map`` shrinks where the sample's
    ``representation`` is ``'inverse'`` (also when absent) and grows where it is ``'depth'``. Two
    of these metrics in one evaluator need different ``prefix``.

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
        if pred_key not in ('pred_depth_map', 'pred_normalized_map'):
            raise ValueError(
                f"pred_key must be 'pred_depth_map' or 'pred_normalized_map', but got {pred_key!r}"
            )
        super().__init__(**kwargs)
        self.pred_key = pred_key
        self.variant = variant

    def measure(self, pixels: ValidPixels) -> dict[str, float]:
        """Compute tau of one image; NaN where ground truth or prediction is constant."""
        tau = kendall_tau(pixels.pred, pixels.gt, self.variant)
        # Reversing one of two orders changes the sign of tau and nothing else.
        same = pixels.relative == self._nearer_is_larger(pixels)
        return dict(tau=tau if same else -tau)

    def _nearer_is_larger(self, pixels: ValidPixels) -> bool:
        if self.pred_key == 'pred_depth_map':
            return False
        representation = pixels.sample.get('representation', 'inverse')
        if representation not in ('inverse', 'depth'):
            raise SampleError(
                f"{pixels.name}: expected representation 'inverse' or 'depth', but found "
                f'{representation!r}'
            )
        return representation == 'inverse'

    def describe(self) -> str:
        """Name the variant, the map and the crop, in a sentence."""
        return f'{super().describe()}, tau-{self.variant} of {self.pred_key}, every valid pixel'
