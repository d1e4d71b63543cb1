"""From a model to a file of each format, in float32."""

from __future__ import annotations

import io
import logging
import tempfile
import warnings
from pathlib import Path

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram

from . import aot_inductor, onnx_runtime, openvino_runtime
from .about import KEY, About
from .exportable import ExportableModel, ExportError
from .model import Runner


@torch.no_grad()
def write_torchscript(
    exportable: ExportableModel,
    path: Path,
    example: Tensor,
    dynamic_size: bool,
    about: About | None = None,
) -> Runner:
    """Trace; a trace takes other sizes in any case."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # comparisons of sizes hold for every multiple
        traced = torch.jit.trace(exportable, example, check_trace=False)
        content = io.BytesIO()
        torch.jit.save(traced, content)
        path.write_bytes(content.getvalue())  # PyTorch aborts the process where a disk is full
        loaded = torch.jit.load(str(path))
    return lambda batch: loaded(torch.from_numpy(batch)).numpy()


@torch.no_grad()
def write_onnx(
    exportable: ExportableModel,
    path: Path,
    example: Tensor,
    dynamic_size: bool,
    about: About | None = None,
) -> Runner:
    """Export through PyTorch's graph exporter; the file is run by onnxruntime."""
    try:
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401, torch.onnx imports it late
    except ImportError as error:
        raise ExportError(
            f'{error}; ONNX needs the packages of depthdecomp_mm[export]: onnx, onnxscript and '
            'onnxruntime'
        ) from error
    with _quiet():
        onnx = torch.onnx.export(
            to_program(exportable, example, dynamic_size),
            input_names=['image'],
            output_names=['depth'],
            dynamo=True,
            verbose=False,
        )
        if about:
            onnx.model.metadata_props[KEY] = about.to_text()
        onnx.save(str(path), external_data=False)
    return onnx_runtime.open_file(path)[1](about)


def write_openvino(
    exportable: ExportableModel, path: Path, example: Tensor, dynamic_size: bool, about: About
) -> Runner:
    """Let OpenVINO read what :func:`write_onnx` writes."""
    openvino_runtime.import_openvino(path)
    with tempfile.TemporaryDirectory() as folder:
        onnx = Path(folder) / 'model.onnx'
        write_onnx(exportable, onnx, example, dynamic_size)
        openvino_runtime.save(openvino_runtime.read_onnx(onnx), path, about)
    return openvino_runtime.open_file(path)[1](about)


@torch.no_grad()
def write_torch_export(
    exportable: ExportableModel, path: Path, example: Tensor, dynamic_size: bool, about: About
) -> Runner:
    """Compile by AOTInductor."""
    with _quiet():
        aot_inductor.write(to_program(exportable, example, dynamic_size), path, about)
    return aot_inductor.open_file(path)[1](about)


WRITERS = {
    'onnx': write_onnx,
    'openvino': write_openvino,
    'torch-export': write_torch_export,
    'torchscript': write_torchscript,
}


def to_program(exportable: ExportableModel, example: Tensor, dynamic_size: bool) -> ExportedProgram:
    """Capture the graph, for any batch and with ``dynamic_size`` for other sizes."""
    axes: dict = {0: Dim('batch')}
    if dynamic_size:
        step = exportable.divisor
        # PyTorch's exporter takes a size that may be 1 for a constant
        axes |= {2: step * Dim('rows', min=2, max=256), 3: step * Dim('columns', min=2, max=256)}
    return torch.export.export(exportable, (example,), dynamic_shapes=(axes,))


class _quiet(warnings.catch_warnings):
    """Without the exporters' remarks on their own workings."""

    def __enter__(self):
        result = super().__enter__()
        warnings.simplefilter('ignore')
        self._level = logging.root.manager.disable
        logging.disable(logging.WARNING)
        return result

    def __exit__(self, *error):
        logging.disable(self._level)
        return super().__exit__(*error)
