"""ONNX files in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from depthdecomp_mm.errors import CheckpointError

from .about import KEY, About
from .model import Runner

PROVIDERS = ['CPUExecutionProvider']


def open_file(path: Path) -> tuple[str | None, Callable[[About], Runner]]:
    """Load a file; see :func:`~depthdecomp_mm.apis.exported.load_exported`."""
    try:
        import onnxruntime
    except ImportError as error:
        raise CheckpointError(
            f'{path}: needs onnxruntime: pip install depthdecomp_mm[export]'
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=PROVIDERS)
    except Exception as error:  # of onnxruntime's own types
        raise CheckpointError(f'{path}: onnxruntime cannot load it: {error}') from error
    text = session.get_modelmeta().custom_metadata_map.get(KEY)
    return text, lambda about: lambda batch: session.run(['depth'], {'image': batch})[0]


def write_about(path: Path, about: About) -> None:
    """Let an ONNX file say what it is."""
    import onnx

    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {KEY: about.to_text()})  # in place of all others
    onnx.save(model, str(path))
