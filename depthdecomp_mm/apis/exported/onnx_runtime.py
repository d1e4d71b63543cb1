"""ONNX files in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from depthdecomp_mm.errors import CheckpointError

from .about import KEY, About
from .model import Runner


def open_file(path: Path) -> tuple[str | None, Callable[[About], Runner]]:
    """Load a file; see :func:`~depthdecomp_mm.apis.exported.load_exported`."""
    try:
        session = _session(str(path))
    except ImportError as error:
        raise CheckpointError(
            f'{path}: needs onnxruntime: pip install depthdecomp_mm[export]'
        ) from error
    except Exception as error:  # of onnxruntime's own types
        raise CheckpointError(f'{path}: onnxruntime cannot load it: {error}') from error
    text = session.get_modelmeta().custom_metadata_map.get(KEY)
    return text, lambda about: _runner(session)


def run_model(content: bytes) -> Runner:
    """Run what an ONNX file would hold."""
    return _runner(_session(content))


def _session(source: str | bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    return onnxruntime.InferenceSession(source, options, providers=['CPUExecutionProvider'])


def _runner(session: Any) -> Runner:
    return lambda batch: session.run(['depth'], {'image': batch})[0]


def write_about(model: Any, path: Path, about: About) -> None:
    """Write an ONNX model, which says what it is."""
    import onnx

    onnx.helper.set_model_props(model, {KEY: about.to_text()})
    onnx.save(model, str(path))
