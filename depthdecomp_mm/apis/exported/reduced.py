"""Export in bfloat16 or INT8, where what that costs stays within a bound."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from depthdecomp_mm.apis.export import check_name, new_files, record_export
from depthdecomp_mm.apis.intrinsics import Intrinsics
from depthdecomp_mm.models import DepthDecomposer

from . import openvino_runtime
from .about import about_model
from .exportable import ExportableModel, ExportError, check_size, to_batch
from .int8 import Choice, NncfQuantizer, OrtQuantizer, choose_float_parts, parts_of
from .loss import Bound, Calibration, Frame, Metrics
from .writers import write_onnx

REDUCED = {
    ('openvino', 'bf16'),
    ('openvino', 'int8'),
    ('onnx', 'int8'),
}
"""Formats with the precisions that they have beside float32."""
QUANTIZERS = {'openvino': NncfQuantizer, 'onnx': OrtQuantizer}


@dataclass(frozen=True)
class Reduction:
    """What lower precision did.

    Attributes:
        before: Metrics in float32.
        after: Metrics of the file.
        has_depth: Whether they are taken against measured depth, or against float32's prediction.
        frames: Number of frames.
        float_parts: Parts of the network that INT8 leaves in float32.
    """

    before: Metrics
    after: Metrics
    has_depth: bool
    frames: int
    float_parts: tuple[str, ...] = ()


def export_reduced(
    model: DepthDecomposer,
    path: str | Path,
    size: tuple[int, int],
    frames: Sequence[Frame],
    format: str = 'openvino',
    precision: str = 'int8',
    depth_scale: float | None = None,
    bound: Bound | None = None,
    dynamic_size: bool = False,
    camera: Intrinsics | None = None,
    say: Callable[[str], None] = print,
) -> Reduction:
    """Write a model in lower precision, if its metrics on frames stay within a bound.

    Args:
        model: The model.
        path: As of :func:`~depthdecomp_mm.apis.export.export`.
        size: (H, W) of the images.
        frames: To aim INT8 at and to measure on, as
            :func:`~depthdecomp_mm.apis.exported.loss.read_frames` reads them.
        format: ``'openvino'`` or ``'onnx'``.
        precision: ``'int8'``, or ``'bf16'`` with OpenVINO.
        depth_scale: Stored units of the frames' depth in a metre.
        bound: To keep; by default REL gets at most 1 % worse, and tau .003.
        dynamic_size: As of :func:`~depthdecomp_mm.apis.export.export`.
        camera: As of :func:`~depthdecomp_mm.apis.export.export`.
        say: Gets a line for each try.

    Raises:
        ExportError: If the bound is not kept, or the size does not suit; nothing is written.
        UserError: If a package is missing.
        SampleError: If a frame cannot be used.
        OutputError: If the file is somebody else's.
    """
    if (format, precision) not in REDUCED:
        raise ExportError(f'there is no {precision} of the format {format}, only {sorted(REDUCED)}')
    path, bound = Path(path), bound or Bound()
    check_name(path, format)
    check_size(model, size, dynamic_size)
    exportable = ExportableModel(model, camera)
    about = about_model(model, size, dynamic_size, camera, format=format, precision=precision)
    with new_files(path) as partial, tempfile.TemporaryDirectory() as folder:
        onnx = Path(folder) / 'model.onnx'
        example = torch.from_numpy(to_batch(*[np.zeros((*size, 3), np.uint8)] * 2))
        run = write_onnx(exportable, onnx, example, dynamic_size)
        calibration = Calibration(frames, about, run, depth_scale)
        say(f'float32: {calibration.before}')
        if precision == 'bf16':
            found, save = _to_bfloat16(onnx, calibration, bound, say), openvino_runtime.save
        else:
            quantizer = QUANTIZERS[format](onnx, calibration.batches)
            found = choose_float_parts(quantizer, parts_of(onnx), calibration, bound, say)
            save = quantizer.save
        reduction = Reduction(
            calibration.before, found.after, calibration.has_depth, len(frames), found.floats
        )
        if not found.excess <= 1:
            raise ExportError(f'{path}: not written: {explain(reduction, bound)}')
        about = replace(about, float_parts=found.floats)
        save(found.model, partial, about)
        before, after = asdict(calibration.before), asdict(found.after)
        record_export(path, about, dict(float32=before, reduced=after, frames=len(frames)))
    return reduction


def explain(reduction: Reduction, bound: Bound) -> str:
    """The metrics of both beside the bound, in a sentence."""
    against = 'measured depth' if reduction.has_depth else "float32's own prediction"
    return (
        f'against {against} of {reduction.frames} frames, float32 has {reduction.before} and the '
        f'file {reduction.after}, where REL may get {bound.rel:.2%} worse and tau {bound.tau:g}'
    )


def _to_bfloat16(
    onnx: Path, calibration: Calibration, bound: Bound, say: Callable[[str], None]
) -> Choice:
    model = openvino_runtime.read_onnx(onnx)
    after = calibration.measure(openvino_runtime.run_model(model.clone(), 'bf16'))
    say(f'bfloat16: {after}')
    return Choice(model, after, bound.excess(calibration.before, after), ())
