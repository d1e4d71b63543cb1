"""Export of a model as one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from depthdecomp_mm.files import whole_file
from depthdecomp_mm.models import DepthDecomposer

from .exported.about import About, about_model
from .exported.exportable import ExportableModel, ExportError, check_size, to_batch
from .exported.model import Runner
from .exported.writers import WRITERS
from .intrinsics import Intrinsics
from .records import check_replaceable, record_of, write_record

FORMATS = tuple(WRITERS)
SUFFIXES = {'openvino': '.xml', 'torch-export': '.pt2'}
"""Of the formats whose files must have one."""
TOLERANCE = 1e-3


def export(
    model: DepthDecomposer,
    path: str | Path,
    frame: np.ndarray,
    format: str = 'onnx',
    dynamic_size: bool = False,
    camera: Intrinsics | None = None,
) -> float:
    """Write a model as one file in float32, if that predicts what the model does.

    The file takes ``image`` and gives ``depth`` as :class:`ExportableModel` documents them, for any
    batch size. The exported model is run on the frame, as a batch of one and with its mirrored
    image as a batch of two, and with ``dynamic_size`` on the frame at another size as well. See
    :func:`~depthdecomp_mm.apis.exported.reduced.export_reduced` for other precisions.

    Args:
        model: The model.
        path: File to write, whole and checked or not at all. Beside it ``<path>.json`` says what it
            is; only with that a file that is there already is replaced. OpenVINO's ends in
            ``.xml``, and its weights are beside it in ``.bin``; a package of ``'torch-export'``
            ends in ``.pt2``.
        frame: (H, W, 3) uint8 BGR, a real image at the size to export for.
        format: One of :data:`FORMATS`.
        dynamic_size: Whether the file takes other multiples of the model's divisor, too.
        camera: As of :class:`ExportableModel`; it becomes part of the file.

    Returns:
        The largest difference to the model, relative to the largest depth.

    Raises:
        ExportError: If the frame's size does not suit, a package is missing, or the difference is
            above 1e-3; nothing is written.
        OutputError: If the file is somebody else's.
    """
    if format not in FORMATS:
        raise ExportError(f'format must be one of {FORMATS}, but found {format!r}')
    path = Path(path)
    check_name(path, format)
    exportable = ExportableModel(model, camera)
    size = frame.shape[:2]
    check_size(model, size, dynamic_size)
    about = about_model(model, size, dynamic_size, camera, format=format, precision='fp32')
    batches = [to_batch(frame), to_batch(frame, frame[:, ::-1])]
    if dynamic_size:
        (height, width), step = size, exportable.divisor
        smaller = frame[: max(height - step, 2 * step), : max(width - 2 * step, 2 * step)]
        batches.append(to_batch(smaller))
    with new_files(path) as partial:
        write = WRITERS[format]
        try:
            run = write(exportable, partial, torch.from_numpy(batches[1]), dynamic_size, about)
        except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
            raise ExportError(f'PyTorch cannot export this model to {format}: {error}') from error
        difference = max(relative_difference(exportable, run, batch) for batch in batches)
        if not difference <= TOLERANCE:
            raise ExportError(
                f'{path}: not written, the exported model differs from the model by '
                f'{difference:.2e} of the largest depth, above {TOLERANCE:g}'
            )
        record_export(path, about, dict(difference=difference))
    return difference


def check_name(path: Path, format: str) -> None:
    """Make sure that a file's name says what it is, where something goes by that.

    Raises:
        ExportError: If it does not.
    """
    suffix = SUFFIXES.get(format, path.suffix)
    if path.suffix != suffix:
        raise ExportError(f'{path}: a file of the format {format} has a name that ends in {suffix}')


@contextmanager
def new_files(path: Path) -> Iterator[Path]:
    """Let something write a file, and with an ``.xml`` the ``.bin`` beside it, as one.

    Raises:
        OutputError: If one of them is somebody else's.
    """
    check_replaceable(record_of(path), [file.name for file in files_of(path)])
    with ExitStack() as stack:
        partials = [stack.enter_context(whole_file(file)) for file in files_of(path)]
        yield partials[0]


def files_of(path: Path) -> list[Path]:
    """The file itself, and what belongs beside it."""
    return [path, path.with_suffix('.bin')] if path.suffix == SUFFIXES['openvino'] else [path]


def record_export(path: Path, about: About, measured: Mapping) -> None:
    """Note beside a file what it is."""
    content = {k: v for k, v in asdict(about).items() if k != 'settings'} | dict(unit='metre')
    if about.camera is None:
        del content['camera']
    write_record(record_of(path), measured, {file.name: content for file in files_of(path)})


@torch.no_grad()
def relative_difference(exportable: ExportableModel, run: Runner, batch: np.ndarray) -> float:
    """Largest difference of two predictions, relative to the largest depth."""
    expected = exportable(torch.from_numpy(batch)).numpy()
    return float(np.abs(run(batch) - expected).max() / np.abs(expected).max())
