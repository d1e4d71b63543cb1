"""Human-style ordinal disagreement of predicted and measured depth."""

from __future__ import annotations

import zlib

import numpy as np

from depthdecomp_mm.registry import METRICS

from .aligned import AlignedMetric
from .functional import whdr
from .protocol import ValidPixels


@METRICS.register_module()
class WHDR(AlignedMetric):
    """Percentage of random pixel pairs ordered wrongly, mean over images; key ``whdr``.

    Pairs are compared by the ratio of their depths, or of their disparities where the ground truth
    is disparity; the prediction by the ratio of its depths, after raising it to ``min_depth``. The
    pairs of an image follow from ``seed`` and its valid ground truth alone, so that neither the
    batch size nor the order nor the number of processes changes the result.

    Args:
        num_pairs: Pairs of each image.
        threshold: Ratios up to ``1 + threshold`` count as equal.
        seed: Seed of the pairs.
        **kwargs: Those of :class:`AlignedMetric`. A scale changes nothing, a shift does.

    Raises:
        ValueError: When an argument is out of range.
    """

    numbers = ('whdr',)
    min_pixels = 2

    def __init__(
        self, num_pairs: int = 50000, threshold: float = 0.03, seed: int = 0, **kwargs
    ) -> None:
        if num_pairs < 1 or threshold < 0 or seed < 0:
            raise ValueError(
                'WHDR needs num_pairs >= 1, threshold >= 0 and seed >= 0, but got '
                f'{num_pairs}, {threshold} and {seed}'
            )
        super().__init__(**kwargs)
        self.num_pairs = num_pairs
        self.threshold = threshold
        self.seed = seed

    def compare(self, pred: np.ndarray, pixels: ValidPixels) -> dict[str, float]:
        """Compute the percentage of one aligned image."""
        pred = np.maximum(pred, self.protocol.min_depth, dtype=np.float64)
        if pixels.relative:
            # The inverse of depth grows where disparity does, and keeps ratios.
            pred = 1 / pred
        content = zlib.crc32(pixels.gt.astype('<f4').tobytes())
        rng = np.random.default_rng([self.seed, content])
        return dict(whdr=whdr(pred, pixels.gt, self.num_pairs, self.threshold, rng))

    def describe(self) -> str:
        """Name the pairs, the threshold and the crop, in a sentence."""
        return (
            f'{super().describe()}, {self.num_pairs} pairs, threshold {self.threshold:g}, '
            f'seed {self.seed}'
        )
