"""Which pixels of a sample are evaluated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.structures import (
    Crop,
    check_crop,
    crop_window,
    describe_crop,
    is_relative,
    read_map,
    sample_name,
    valid_pixels,
)


class ValidPixels(NamedTuple):
    """The evaluated pixels of one image.

    Attributes:
        pred: (N,) prediction.
        gt: (N,) ground truth; metres, or unitless disparity (larger = nearer).
        relative: Whether ``gt`` is disparity.
        sample: The sample they come from.
        name: The sample's file or number, for messages.
        frame: (H, W) of the sample's maps.
        window: Rows and columns of the frame that the crop keeps.
        indices: (N,) places of the pixels in the crop, row after row.
    """

    pred: np.ndarray
    gt: np.ndarray
    relative: bool
    sample: Mapping
    name: str
    frame: tuple[int, int]
    window: tuple[slice, slice]
    indices: np.ndarray

    def on_map(self, values: np.ndarray) -> np.ndarray:
        """Values of the pixels (N,) at their places in the crop (h, w), NaN elsewhere."""
        rows, columns = self._extent
        found = np.full(rows * columns, np.nan, values.dtype)
        found[self.indices] = values
        return found.reshape(rows, columns)

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """(N,) rows and (N,) columns of the pixels in the frame."""
        rows, columns = np.divmod(self.indices, self._extent[1])
        top, left = (part.start or 0 for part in self.window)
        return rows + top, columns + left

    def field(self, key: str) -> np.ndarray | None:
        """Another map of the sample, (h, w) of the crop, or None where the sample has none.

        Raises:
            SampleError: When its size is not that of the ground truth.
        """
        if self.sample.get(key) is None:
            return None
        found = read_map(self.sample, key, self.name)
        if found.shape != self.frame:
            raise SampleError(
                f'{self.name}: {key} has size {found.shape}, but gt_depth_map {self.frame}'
            )
        return found[self.window]

    @property
    def _extent(self) -> tuple[int, int]:
        return tuple(
            len(range(*part.indices(size)))
            for part, size in zip(self.window, self.frame, strict=True)
        )


@dataclass(frozen=True)
class Protocol:
    """Range and crop of the evaluation.

    A pixel counts where :func:`~depthdecomp_mm.structures.valid_pixels` holds, inside ``crop``,
    where ``min_depth < gt < max_depth``. The range is in metres: a sample of ``label_type``
    ``'relative'`` uses ``gt > 0`` instead.

    Args:
        min_depth: Lower end of the range, metres, excluded.
        max_depth: Upper end of the range, metres, excluded.
        crop: See :data:`~depthdecomp_mm.structures.crop.Crop`.

    Raises:
        ValueError: When the range or crop makes no sense.
    """

    min_depth: float = 1e-3
    max_depth: float = 10.0
    crop: Crop = None

    def __post_init__(self) -> None:
        if not 0 < self.min_depth < self.max_depth:
            raise ValueError(
                f'expected 0 < min_depth < max_depth, but got {self.min_depth}, {self.max_depth}'
            )
        check_crop(self.crop)

    def select(self, sample: Mapping, pred_key: str) -> ValidPixels:
        """Pull the evaluated pixels out of a sample.

        Args:
            sample: A :class:`DepthDataSample` as dict. Each field is an array or tensor (1, H, W)
                or (H, W), or a mapping that holds one as ``data``.
            pred_key: Field that holds the prediction.

        Raises:
            SampleError: When a field is absent, sizes differ, the prediction is NaN somewhere, the
                crop does not fit, or the label type is unknown.
        """
        name = sample_name(sample)
        relative = is_relative(sample)
        gt = read_map(sample, 'gt_depth_map', name)
        pred = read_map(sample, pred_key, name)
        _expect_size(pred, pred_key, gt, name)
        if np.isnan(pred).any():
            raise SampleError(f'{name}: {pred_key} holds NaN')

        window = crop_window(self.crop, gt.shape, name)
        measured = gt[window]
        low, high = (0, math.inf) if relative else (self.min_depth, self.max_depth)
        valid = valid_pixels(measured, _mask(sample, gt, window, name))
        indices = np.flatnonzero(valid & (low < measured) & (measured < high))
        return ValidPixels(
            pred=pred[window].ravel()[indices],
            gt=measured.ravel()[indices],
            relative=relative,
            sample=sample,
            name=name,
            frame=gt.shape,
            window=window,
            indices=indices,
        )

    def __str__(self) -> str:
        depths = f'{self.min_depth:g} m < ground truth < {self.max_depth:g} m'
        return f'{depths}, crop {describe_crop(self.crop)}'


def _mask(
    sample: Mapping, gt: np.ndarray, window: tuple[slice, slice], name: str
) -> np.ndarray | None:
    if sample.get('gt_valid_mask') is None:
        return None
    mask = read_map(sample, 'gt_valid_mask', name)
    _expect_size(mask, 'gt_valid_mask', gt, name)
    return mask[window].astype(bool, copy=False)


def _expect_size(array: np.ndarray, key: str, gt: np.ndarray, name: str) -> None:
    if array.shape != gt.shape:
        raise SampleError(f'{name}: {key} has size {array.shape}, but gt_depth_map {gt.shape}')
