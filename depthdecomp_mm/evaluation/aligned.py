"""Metrics of depth that may first be aligned with the ground truth, in several ways at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np

from depthdecomp_mm.errors import SampleError

from .alignment import ALIGNMENTS, OF_RELATIVE, align, check_alignments
from .base import DepthMapMetric
from .predictions import check_pred_key, is_inverse
from .protocol import ValidPixels


class AlignedMetric(DepthMapMetric):
    """Base of metrics whose numbers are computed under one or several alignments, in one pass.

    The numbers without alignment have their plain names, such as ``rmse``; the others the
    alignment before it, such as ``median/rmse``. Before it is aligned, predicted depth is raised to
    ``min_depth``, so that its inverse is finite.

    Args:
        align: Names of :data:`~depthdecomp_mm.evaluation.alignment.ALIGNMENTS`, which tells what
            each does and whose script does the same.
        pred_key: ``'pred_depth_map'``, or ``'pred_normalized_map'`` for a network without M-Net,
            with ``'affine_disparity'`` and ``'affine_code'`` (``'affine_depth'``, where its
            representation is ``'depth'``).
        **kwargs: Those of :class:`DepthMapMetric`.

    Raises:
        ValueError: When an alignment is unknown, or the map has no metres to align so.
    """

    numbers: tuple[str, ...] = ()
    """The numbers of each image under one alignment."""
    higher_is_better: tuple[str, ...] = ()
    """Those of them that grow with quality; of an instance, under their full names."""

    def __init__(
        self,
        align: str | Sequence[str] = 'none',
        pred_key: str = 'pred_depth_map',
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.pred_key = check_pred_key(pred_key)
        self.align = check_alignments(align)
        possible = set().union(*OF_RELATIVE.values())
        if pred_key == 'pred_normalized_map' and set(self.align) - possible:
            raise ValueError(
                f'pred_normalized_map is known up to scale and shift: align must be of '
                f'{sorted(possible)}, but got {self.align}'
            )
        keys = [self.keys_of(alignment) for alignment in self.align]
        self.names = tuple(key for of_one in keys for key in of_one.values())
        grows = self.higher_is_better
        self.higher_is_better = tuple(
            key for of_one in keys for number, key in of_one.items() if number in grows
        )

    def keys_of(self, alignment: str) -> dict[str, str]:
        """What each of :attr:`numbers` is called under an alignment."""
        before = '' if alignment == 'none' else f'{alignment}/'
        return {number: before + number for number in self.numbers}

    @abstractmethod
    def compare(self, pred: np.ndarray, pixels: ValidPixels) -> dict[str, float]:
        """Compute the numbers of one image under one alignment.

        Args:
            pred: (N,) aligned prediction of the pixels.
            pixels: The image's pixels.
        """

    def measure(self, pixels: ValidPixels) -> dict[str, float]:
        """Compute the numbers of one image under each alignment.

        Raises:
            SampleError: When the ground truth or the prediction cannot be aligned.
        """
        values = {}
        for alignment, pred in self._aligned(pixels):
            keys = self.keys_of(alignment)
            values |= {keys[k]: v for k, v in self.compare(pred, pixels).items()}
        return values

    def _aligned(self, pixels: ValidPixels) -> Iterator[tuple[str, np.ndarray]]:
        if self.align == ('none',):
            yield 'none', pixels.pred
            return
        inverse = is_inverse(pixels, self.pred_key)
        self._check(pixels, inverse)
        gt, pred = pixels.gt.astype(np.float64), pixels.pred.astype(np.float64)
        if self.pred_key == 'pred_depth_map':
            np.maximum(pred, self.protocol.min_depth, out=pred)
        for alignment in self.align:
            aligned = align(alignment, pred, gt, inverse)
            yield alignment, pixels.pred if alignment == 'none' else aligned

    def _check(self, pixels: ValidPixels, inverse: bool) -> None:
        if pixels.relative:
            raise SampleError(
                f"{pixels.name}: alignments need ground truth of label_type 'metric', but found "
                "'relative'"
            )
        if not np.isfinite(pixels.pred).all():
            raise SampleError(f'{pixels.name}: {self.pred_key} is infinite somewhere')
        possible = OF_RELATIVE['inverse' if inverse else 'depth']
        if self.pred_key == 'pred_normalized_map' and set(self.align) - set(possible):
            raise SampleError(
                f'{pixels.name}: {self.pred_key} is {"inverse " * inverse}depth up to scale and '
                f'shift: align must be of {possible}, but is {self.align}'
            )

    def describe(self) -> str:
        """Name the range, the crop and the alignments, in a sentence."""
        done = '; '.join(
            name if name == 'none' else f'{name} ({ALIGNMENTS[name]})' for name in self.align
        )
        return f'{super().describe()}, {self.pred_key}, alignment {done}'
