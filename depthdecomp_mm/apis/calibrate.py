"""Calibration of a model for one camera from a few measured distances."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from depthdecomp_mm.calibration import NO_CALIBRATION, Calibration, calibrated_meta
from depthdecomp_mm.engine.checkpoint import read_checkpoint, state_dict_of
from depthdecomp_mm.errors import SampleError, UserError
from depthdecomp_mm.robust_fit import huber_line, relative_scale

from .checkpoint_contents import meta_of, write_checkpoint
from .exported import ExportedModel
from .inferencer import DepthInferencer
from .measurements import Measurements, Point

FEWEST = {False: 3, True: 5}
"""Measurements that a scale needs, and a scale with a shift."""


class Errors(NamedTuple):
    """How far depth is from the measurements.

    Attributes:
        rel: Mean of the errors by the measured depth.
        rmse: Root of the mean of their squares, metres.
    """

    rel: float
    rmse: float


class CalibrationReport(NamedTuple):
    """A calibration, and what it does to the measurements.

    Attributes:
        calibration: Of all measurements.
        before: Errors without it.
        after: Errors with it, on the measurements that it was fitted to.
        held_out: Errors where each image, or each point of the only one, is left out of the fit.
        left_out: ``'image'`` or ``'point'``.
        points: Number of measurements.
        images: Number of images.
    """

    calibration: Calibration
    before: Errors
    after: Errors
    held_out: Errors
    left_out: str
    points: int
    images: int

    @property
    def helps(self) -> bool:
        """Whether it makes measurements that it has not seen better in the mean."""
        return self.held_out.rel < self.before.rel


def calibrate(
    inferencer: DepthInferencer, measurements: Measurements, with_shift: bool = False
) -> CalibrationReport:
    """Fit a scale, or a scale and a shift, of a model's depth to measurements.

    Both are fitted in metres, to errors relative to the measured depth. The scale alone is a
    weighted median, by which the sum of ``|scale * depth - measured| / measured`` is smallest; see
    :func:`~depthdecomp_mm.robust_fit.relative_scale`. With a shift, Huber's loss of the same errors
    is. An earlier calibration of the model plays no part.

    Args:
        inferencer: Predicts depth. Its model is not changed.
        measurements: As :func:`~depthdecomp_mm.apis.measurements.read_points` and
            :func:`~depthdecomp_mm.apis.measurements.read_frames` read them.
        with_shift: Whether to fit a shift, too.

    Raises:
        UserError: If the model is an exported file or gives no metres, or there are fewer than 3
            measurements, with a shift 5.
        SampleError: If a point is outside of its image, or beyond the model's range.
    """
    model = inferencer.model
    if isinstance(model, ExportedModel):
        raise UserError(f'{model.name}: calibrate the checkpoint, and export it then')
    if 'metric' not in model.outputs:
        raise UserError('calibration needs a model that gives metres; this has no M-Net')
    number = sum(map(len, measurements.values()))
    if number < FEWEST[with_shift]:
        raise UserError(
            f'{"scale and shift need" if with_shift else "a scale needs"} '
            f'{FEWEST[with_shift]} measurements at least, found {number}'
        )
    earlier, model.calibration = model.calibration, NO_CALIBRATION
    try:
        predicted = _predictions(inferencer, measurements)
    finally:
        model.calibration = earlier
    measured = np.array([point.metres for points in measurements.values() for point in points])
    images = np.repeat(np.arange(len(measurements)), [len(p) for p in measurements.values()])
    by_image = len(measurements) > 1
    return _report(model.codec, predicted, measured, images, by_image, with_shift)


def _report(codec, predicted, measured, images, by_image: bool, with_shift: bool):
    def apply(calibration: Calibration, depth: np.ndarray) -> np.ndarray:
        depth = calibration.scale * depth + calibration.shift
        return np.clip(depth, codec.min_depth, codec.max_depth)

    calibration = _fit(predicted, measured, with_shift)
    groups = images if by_image else np.arange(len(measured))
    held_out = np.empty_like(predicted)
    for group in np.unique(groups):
        test = groups == group
        fitted = _fit(predicted[~test], measured[~test], with_shift)
        held_out[test] = apply(fitted, predicted[test])
    return CalibrationReport(
        calibration=calibration,
        before=_errors(predicted, measured),
        after=_errors(apply(calibration, predicted), measured),
        held_out=_errors(held_out, measured),
        left_out='image' if by_image else 'point',
        points=len(measured),
        images=images[-1].item() + 1,
    )


def _predictions(inferencer: DepthInferencer, measurements: Measurements) -> np.ndarray:
    """Depth at the points, in their order."""
    found = []
    for path, sample in inferencer.iterate_images(measurements):
        depth = sample.pred_depth_map.data[0].numpy()
        for point in measurements[path]:
            point.check_inside(depth.shape, path)
            _check_range(point, inferencer.model.codec.max_depth)
            found.append(depth[point.y, point.x])
    return np.array(found, np.float64)


def _check_range(point: Point, max_depth: float) -> None:
    if point.metres > max_depth:
        raise SampleError(
            f'{point.source}: {point.metres:g} m is beyond {max_depth:g} m, the largest depth of '
            'the model; leave it out, or override model.max_depth'
        )


def _fit(predicted: np.ndarray, measured: np.ndarray, with_shift: bool) -> Calibration:
    scale, shift = relative_scale(predicted, measured), 0.0
    if with_shift and np.ptp(predicted) > 0:
        line = huber_line(predicted, measured, 1 / measured)
        if line[0] > 0:  # else the points say that near is far; their scale is safer
            scale, shift = line
    return Calibration(scale, shift)


def _errors(depth: np.ndarray, measured: np.ndarray) -> Errors:
    error = depth - measured
    rel, square = np.mean(np.abs(error) / measured), np.mean(error**2)
    return Errors(float(rel), float(np.sqrt(square)))


def write_calibrated(checkpoint: str | Path, calibration: Calibration, out: str | Path) -> None:
    """Write a checkpoint that carries a calibration: its weights and meta information, no more.

    Args:
        checkpoint: The checkpoint to calibrate, which stays as it is.
        calibration: The calibration.
        out: File to write, whole or not at all.

    Raises:
        CheckpointError: If the checkpoint cannot be read.
    """
    loaded = read_checkpoint(str(checkpoint))
    meta = calibrated_meta(meta_of(loaded), calibration)
    write_checkpoint(out, state_dict_of(loaded, checkpoint), meta)
