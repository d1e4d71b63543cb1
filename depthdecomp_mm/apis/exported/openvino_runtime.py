"""OpenVINO files: ``model.xml`` and, beside it, the weights in ``model.bin``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from depthdecomp_mm.errors import CheckpointError, UserError

from .about import KEY, About
from .model import Runner
from .telemetry import no_telemetry

HINTS = {'fp32': 'f32', 'bf16': 'bf16', 'int8': 'f32'}
"""What is not INT8 is computed in; without a hint a CPU with bfloat16 would choose that."""


def import_openvino(what: str | Path) -> Any:
    """The package.

    Raises:
        UserError: If it is missing.
    """
    try:
        with no_telemetry():
            import openvino
    except ImportError as error:
        raise UserError(f'{what}: needs openvino: pip install depthdecomp_mm[openvino]') from error
    return openvino


def open_file(path: Path) -> tuple[str | None, Callable[[About], Runner]]:
    """Load a file; see :func:`~depthdecomp_mm.apis.exported.load_exported`."""
    openvino = import_openvino(path)
    weights = path.with_suffix('.bin')
    if not weights.is_file():
        raise CheckpointError(f'{path}: its weights are missing: {weights}')
    try:
        model = openvino.Core().read_model(str(path), str(weights))
        found = model.get_rt_info(KEY).astype(str) if model.has_rt_info(KEY) else None
    except Exception as error:  # RuntimeError, mostly
        reason = str(error).strip().splitlines()[-1]
        raise CheckpointError(f'{path}: OpenVINO cannot load it: {reason}') from error
    return found, lambda about: run_model(model, about.precision)


def run_model(model: Any, precision: str = 'fp32') -> Runner:
    """Compile a model of OpenVINO for the CPU."""
    openvino = import_openvino('this')
    config = {
        'INFERENCE_PRECISION_HINT': HINTS[precision],
        'INFERENCE_NUM_THREADS': torch.get_num_threads(),
        'PERFORMANCE_HINT': 'LATENCY',
    }
    compiled = openvino.Core().compile_model(model, 'CPU', config)
    return lambda batch: compiled(batch)[0].copy()


def read_onnx(path: Path) -> Any:
    """An ONNX file as a model of OpenVINO, simplified as NNCF expects it."""
    openvino = import_openvino('this format')
    with no_telemetry():
        return openvino.convert_model(str(path))


def save(model: Any, path: Path, about: About) -> None:
    """Write a model, which says what it is, and the weights beside it.

    For bfloat16 weights are kept in float16, which is finer.
    """
    model.set_rt_info(about.to_text(), KEY)
    half = about.precision == 'bf16'
    import_openvino(path).save_model(model, str(path), compress_to_fp16=half)
