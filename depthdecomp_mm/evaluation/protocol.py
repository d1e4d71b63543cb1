"""Which pixels of a sample are evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from mmengine.structures import BaseDataElement

from ..errors import SampleError

NYU_SIZE = (480, 640)
NYU_WINDOW = (45, 471, 41, 601)
FRACTIONS = {
    'garg': (0.40810811, 0.99189189, 0.03594771, 0.96405229),
    'eigen': (0.3324324, 0.91351351, 0.0359477, 0.96405229),
}
CROPS = ('nyu', *FRACTIONS)


class ValidPixels(NamedTuple):
    """The evaluated pixels of one image.

    Attributes:
        pred (np.ndarray): (N,) prediction.
        gt (np.ndarray): (N,) ground truth; metres, or unitless disparity (larger = nearer).
        relative (bool): Whether ``gt`` is disparity.
        sample (Mapping): The sample they come from.
        name (str): The sample's file or number, for messages.
    """

    pred: np.ndarray
    gt: np.ndarray
    relative: bool
    sample: Mapping
    name: str


@dataclass(frozen=True)
class Protocol:
    """Range and crop of the evaluation.

    A pixel counts where ``gt_valid_mask`` is set (everywhere without one), inside ``crop``, where
    ``min_depth < gt < max_depth``. The range is in metres: a sample of ``label_type``
    ``'relative'`` uses ``gt > 0`` instead.

    Args:
        min_depth (float): Lower end of the range, metres, excluded.
        max_depth (float): Upper end of the range, metres, excluded.
        crop (str | Sequence[int], optional): ``'nyu'`` (rows 45 to 470 and columns 41 to 600 of a
            480 x 640 frame, both ends included); ``'garg'`` or ``'eigen'``, fractions of a KITTI
            frame of any size, truncated to whole pixels, with the figures that the evaluation
            scripts of monodepth, BTS and ZoeDepth share (what these call the eigen crop of NYUv2 is
            ``'nyu'``); ``(top, bottom, left, right)`` with ``bottom`` and ``right`` excluded; or
            None for the whole frame.

    Raises:
        ValueError: When the range or crop makes no sense.
    """

    min_depth: float = 1e-3
    max_depth: float = 10.0
    crop: str | Sequence[int] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.min_depth < self.max_depth:
            raise ValueError(
                f'expected 0 < min_depth < max_depth, but got {self.min_depth}, {self.max_depth}'
            )
        if self.crop is None or self.crop in CROPS:
            return
        if not isinstance(self.crop, str) and len(self.crop) == 4:
            top, bottom, left, right = self.crop
            if 0 <= top < bottom and 0 <= left < right:
                return
        raise ValueError(
            f'crop must be None, one of {CROPS} or (top, bottom, left, right) with '
            f'0 <= top < bottom and 0 <= left < right, but got {self.crop!r}'
        )

    def select(self, sample: Mapping, pred_key: str) -> ValidPixels:
        """Pull the evaluated pixels out of a sample.

        Args:
            sample (Mapping): A :class:`DepthDataSample` as dict. Each field is an array or tensor
                (1, H, W) or (H, W), or a mapping that holds one as ``data``.
            pred_key (str): Field that holds the prediction.

        Raises:
            SampleError: When a field is absent, sizes differ, the prediction is NaN somewhere, the
                crop does not fit, or the label type is unknown.
        """
        name = sample_name(sample)
        label_type = sample.get('label_type', 'metric')
        if label_type not in ('metric', 'relative'):
            raise SampleError(
                f"{name}: expected label_type 'metric' or 'relative', but found {label_type!r}"
            )
        gt = read_map(sample, 'gt_depth_map', name)
        pred = read_map(sample, pred_key, name)
        _expect_size(pred, pred_key, gt, name)
        if np.isnan(pred).any():
            raise SampleError(f'{name}: {pred_key} holds NaN')

        window = self.window(gt.shape, name)
        measured = gt[window]
        if label_type == 'metric':
            valid = (measured > self.min_depth) & (measured < self.max_depth)
        else:
            valid = (measured > 0) & np.isfinite(measured)
        if sample.get('gt_valid_mask') is not None:
            mask = read_map(sample, 'gt_valid_mask', name)
            _expect_size(mask, 'gt_valid_mask', gt, name)
            valid &= mask[window].astype(bool, copy=False)
        indices = np.flatnonzero(valid)
        return ValidPixels(
            pred=pred[window].ravel()[indices],
            gt=measured.ravel()[indices],
            relative=label_type == 'relative',
            sample=sample,
            name=name,
        )

    def window(self, shape: tuple[int, int], name: str) -> tuple[slice, slice]:
        """Rows and columns of ``crop`` in a frame.

        Args:
            shape (tuple): (H, W) of the frame.
            name (str): The frame's file or number, for messages.

        Raises:
            SampleError: When the crop does not fit.
        """
        if self.crop is None:
            return slice(None), slice(None)
        if self.crop == 'nyu' and shape != NYU_SIZE:
            raise SampleError(
                f"{name}: crop 'nyu' is of a frame of {NYU_SIZE}, but gt_depth_map has {shape}"
            )
        top, bottom, left, right = self._corners(shape)
        if bottom > shape[0] or right > shape[1]:
            raise SampleError(
                f'{name}: crop {tuple(self.crop)} exceeds gt_depth_map, which has {shape}'
            )
        return slice(top, bottom), slice(left, right)

    def _corners(self, shape: tuple[int, int]) -> tuple[int, int, int, int]:
        if not isinstance(self.crop, str):
            return tuple(self.crop)
        if self.crop == 'nyu':
            return NYU_WINDOW
        sides = (shape[0], shape[0], shape[1], shape[1])
        return tuple(int(f * s) for f, s in zip(FRACTIONS[self.crop], sides, strict=True))

    def __str__(self) -> str:
        crop = self.crop
        if crop == 'nyu':
            top, bottom, left, right = NYU_WINDOW
            crop = f'nyu (rows {top}..{bottom - 1}, columns {left}..{right - 1})'
        return f'{self.min_depth:g} m < ground truth < {self.max_depth:g} m, crop {crop}'


def sample_name(sample: Mapping | BaseDataElement) -> str:
    """Name a sample in a message: by its image, its depth map, or its number."""
    for key in ('img_path', 'depth_map_path'):
        if sample.get(key):
            return str(sample.get(key))
    return f'sample {sample.get("sample_idx", "without img_path")}'


def read_map(sample: Mapping | BaseDataElement, key: str, name: str) -> np.ndarray:
    """Return a field of a sample as (H, W) array.

    Raises:
        SampleError: When the field is absent or has another shape.
    """
    value = sample.get(key)
    if value is None:
        raise SampleError(f'{name}: {key} is absent; found {sorted(sample.keys())}')
    if not isinstance(value, (np.ndarray, torch.Tensor)):
        value = value['data'] if isinstance(value, Mapping) else value.data
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if value.ndim == 3 and value.shape[0] == 1:
        value = value[0]
    if value.ndim != 2:
        raise SampleError(f'{name}: {key} has shape {value.shape}, expected (1, H, W) or (H, W)')
    return value


def _expect_size(array: np.ndarray, key: str, gt: np.ndarray, name: str) -> None:
    if array.shape != gt.shape:
        raise SampleError(f'{name}: {key} has size {array.shape}, but gt_depth_map {gt.shape}')
