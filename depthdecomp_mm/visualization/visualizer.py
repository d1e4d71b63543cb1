"""Panels of an image, its depth, the prediction and the error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import mmcv
import numpy as np
from mmengine.visualization import Visualizer

from depthdecomp_mm.registry import VISUALIZERS
from depthdecomp_mm.structures import (
    DepthDataSample,
    is_relative,
    read_map,
    sample_name,
    valid_pixels,
)

from .colormap import NEAR_IS_SMALL, colorize, common_range, value_range
from .decomposition import gradient_tiles, mean_in_words, normalized_tile
from .panel import ColorBar, Tile, draw_panel


class DepthMap(NamedTuple):
    """A map to draw.

    Attributes:
        values: (H, W) float32.
        valid: (H, W) bool, False where the pixel is drawn grey.
        unit: 'm' or 'unitless'.
        nearer_is_larger: Whether values shrink with distance.
        normalized: Whether values are z-scores (Eq. 1).
    """

    values: np.ndarray
    valid: np.ndarray
    unit: str
    nearer_is_larger: bool
    normalized: bool

    def comparable(self, other: DepthMap) -> bool:
        """Whether both are the same quantity, so that their difference means something."""
        return self[2:] == other[2:]

    def measured(self) -> np.ndarray:
        """Return the valid values, (N,)."""
        return self.values[self.valid]


@VISUALIZERS.register_module()
class DepthVisualizer(Visualizer):
    """Draw the input image, ground truth, prediction and absolute error side by side.

    Near is bright in every map, whether it holds depth or disparity. Ground truth and prediction
    have one colour range, from the lower of their 2nd percentiles to the higher of their 98th, so
    that a prediction that is too far is dark, but not black. Pixels that were not measured are
    grey; the figures under the error are over the measured ones, without crop. The prediction
    is ``pred_depth_map``, or ``pred_normalized_map`` where there is none or the ground truth is
    disparity, which is then drawn as z-scores too (Eq. 1). What else was predicted of the
    decomposition follows: the normalized map, its gradients, and the mean in words.

    Args:
        name: Name of the instance.
        cmap: Matplotlib colour map of depth, first colour nearest.
        error_cmap: Matplotlib colour map of the error.
        **kwargs: Those of :class:`mmengine.visualization.Visualizer`.

    Examples:
        >>> visualizer = DepthVisualizer()
        >>> visualizer.add_datasample('frame', image, data_sample, out_file='frame.png')
    """

    def __init__(
        self,
        name: str = 'visualizer',
        cmap: str = NEAR_IS_SMALL,
        error_cmap: str = 'OrRd',
        **kwargs,
    ) -> None:
        super().__init__(name, **kwargs)
        self.cmap = cmap
        self.error_cmap = error_cmap

    def add_datasample(
        self,
        name: str,
        image: np.ndarray,
        data_sample: DepthDataSample | None = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
        show: bool = False,
        wait_time: float = 0,
        out_file: str | None = None,
        step: int = 0,
    ) -> None:
        """Draw a sample, and show it, write it to a file, or hand it to the backends.

        Args:
            name: Identifier of the picture.
            image: (H, W, 3) uint8 RGB; may differ in size from the maps.
            data_sample: Ground truth and prediction, where present.
            draw_gt: Whether to draw ground truth and error.
            draw_pred: Whether to draw prediction and error.
            show: Whether to open a window.
            wait_time: Seconds the window stays; 0 is until a key.
            out_file: Picture file to write; every process of a distributed run writes its own,
                whereas backends belong to the first.
            step: Step that the backends record.
        """
        panel = self.draw(image, data_sample, draw_gt, draw_pred)
        if show:
            self.show(panel, win_name=name, wait_time=wait_time)
        if out_file is not None:
            mmcv.imwrite(mmcv.rgb2bgr(panel), out_file)
        self.add_image(name, panel, step)

    def draw(
        self,
        image: np.ndarray,
        data_sample: DepthDataSample | None = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
    ) -> np.ndarray:
        """Draw the panel alone.

        Args:
            image: (H, W, 3) uint8 RGB.
            data_sample: Ground truth and prediction, where present.
            draw_gt: Whether to draw ground truth and error.
            draw_pred: Whether to draw prediction and error.

        Returns:
            (H', W', 3) uint8 RGB.

        Raises:
            ValueError: When the image has another shape or type.
        """
        return draw_panel(self.tiles(image, data_sample, draw_gt, draw_pred))

    def tiles(
        self,
        image: np.ndarray,
        data_sample: DepthDataSample | None = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
    ) -> list[Tile]:
        """The pictures of the panel, one by one.

        Args:
            image: (H, W, 3) uint8 RGB.
            data_sample: Ground truth and prediction, where present.
            draw_gt: Whether to draw ground truth and error.
            draw_pred: Whether to draw prediction and error.

        Raises:
            ValueError: When the image has another shape or type.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ValueError(
                f'expected an image (H, W, 3) uint8 RGB, but got {image.shape} {image.dtype}'
            )
        sample = DepthDataSample() if data_sample is None else data_sample
        gt = _ground_truth(sample) if draw_gt else None
        pred = _prediction(sample) if draw_pred else None
        tiles = [Tile('Image', image, smooth=True)]
        comparable = bool(gt and pred and pred.comparable(gt) and gt.valid.any())
        compared = [gt, pred] if comparable else []
        if gt is not None:
            tiles.append(self._map_tile('Ground truth', gt, compared))
        if pred is not None:
            tiles.append(self._map_tile('Prediction', pred, compared))
            tiles[-1].note = _mean_note(sample)
            if comparable:
                tiles.append(self._error_tile(gt, pred))
        if draw_pred:
            tiles += self._decomposition_tiles(sample, pred)
        return tiles

    def _decomposition_tiles(self, sample: DepthDataSample, drawn: DepthMap | None) -> list[Tile]:
        """What was predicted beside the map that is ``drawn`` already."""
        tiles, representation = [], sample.get('representation', 'inverse')
        if 'pred_normalized_map' in sample and not (drawn and drawn.normalized):
            values = read_map(sample, 'pred_normalized_map', sample_name(sample))
            cmap = _reversed(self.cmap) if representation == 'inverse' else self.cmap
            tiles.append(normalized_tile(values, np.isfinite(values), cmap))
        if 'pred_gradient_maps' in sample:
            values = sample.pred_gradient_maps.data.cpu().numpy()
            tiles += gradient_tiles(values, np.isfinite(values))
        return tiles

    def _map_tile(self, title: str, depth: DepthMap, compared: Sequence[DepthMap]) -> Tile:
        limits = common_range(*(drawn.measured() for drawn in compared or [depth]))
        cmap = _reversed(self.cmap) if depth.nearer_is_larger else self.cmap
        return Tile(
            f'{title}, normalized' if depth.normalized else title,
            colorize(depth.values, *limits, cmap, ~depth.valid),
            ColorBar(cmap, *limits, depth.unit) if depth.valid.any() else None,
        )

    def _error_tile(self, gt: DepthMap, pred: DepthMap) -> Tile:
        values = pred.values
        if values.shape != gt.values.shape:
            values = cv2.resize(values, gt.values.shape[::-1], interpolation=cv2.INTER_LINEAR)
        error = np.abs(values - gt.values)
        measured = error[gt.valid]
        limits = 0.0, value_range(measured)[1]
        note = f'RMSE {np.sqrt(np.mean(measured.astype(np.float64) ** 2)):.3f}'
        if gt.unit == 'm':
            note += f' m   REL {np.mean(measured / gt.values[gt.valid], dtype=np.float64):.3f}'
        return Tile(
            'Absolute error',
            colorize(error, *limits, self.error_cmap, ~gt.valid),
            ColorBar(self.error_cmap, *limits, gt.unit),
            note,
        )


def _ground_truth(sample: DepthDataSample) -> DepthMap | None:
    if 'gt_depth_map' not in sample:
        return None
    name = sample_name(sample)
    values = read_map(sample, 'gt_depth_map', name)
    masked = 'gt_valid_mask' in sample
    mask = read_map(sample, 'gt_valid_mask', name).astype(bool) if masked else None
    valid = valid_pixels(values, mask) & (values > 0)
    if not is_relative(sample):
        return DepthMap(values, valid, 'm', False, False)
    normalized = _is_normalized(sample)
    if normalized and valid.any():
        disparity = values[valid].astype(np.float64)
        values = (values - disparity.mean()) / max(disparity.std(), 1e-6)
    return DepthMap(values, valid, 'unitless', True, normalized)


def _prediction(sample: DepthDataSample) -> DepthMap | None:
    normalized = _is_normalized(sample)
    key = 'pred_normalized_map' if normalized else 'pred_depth_map'
    if key not in sample:
        return None
    values = read_map(sample, key, sample_name(sample))
    valid = np.isfinite(values)
    if normalized:
        nearer_is_larger = sample.get('representation', 'inverse') == 'inverse'
        return DepthMap(values, valid, 'unitless', nearer_is_larger, True)
    return DepthMap(values, valid, 'm', False, False)


def _mean_note(sample: DepthDataSample) -> str:
    """What the MDR block regressed, if it was asked for."""
    if 'pred_mean' not in sample:
        return ''
    representation = sample.get('representation', 'inverse')
    of = ' of 1/(d+1)' if representation == 'inverse' else ''
    return f'mean{of}: {mean_in_words(sample.pred_mean, representation)}'


def _is_normalized(sample: DepthDataSample) -> bool:
    """Whether the prediction to draw is the normalized map."""
    replaced = is_relative(sample) or 'pred_depth_map' not in sample
    return 'pred_normalized_map' in sample and replaced


def _reversed(cmap: str) -> str:
    return cmap[:-2] if cmap.endswith('_r') else f'{cmap}_r'
