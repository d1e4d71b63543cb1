"""From an exported file to what predicts with it."""

from __future__ import annotations

from pathlib import Path

from depthdecomp_mm.errors import CheckpointError, UserError

from . import aot_inductor, onnx_runtime, openvino_runtime
from .about import About
from .model import ExportedModel

OPENERS = {
    '.onnx': onnx_runtime.open_file,
    '.xml': openvino_runtime.open_file,
    '.pt2': aot_inductor.open_file,
}
"""By suffix; each gives the text that the file says of itself, and a function that prepares it."""


def exported_file(*names: object) -> Path | None:
    """The exported file that one of two names is, which :func:`load_exported` takes.

    Args:
        *names: Of a config and of a checkpoint; either may be missing or no name at all.

    Raises:
        UserError: If there is something beside it, which an exported file does not need.
    """
    given = [name for name in names if name is not None]
    files = [n for n in given if isinstance(n, (str, Path)) and Path(n).suffix.lower() in OPENERS]
    if files and len(given) > 1:
        raise UserError(f'{files[0]}: an exported file needs no config and no checkpoint')
    return Path(files[0]) if files else None


def load_exported(path: str | Path, trust_code: bool = False) -> ExportedModel:
    """Load a file that ``depthdecomp export`` wrote, to predict on the CPU.

    Args:
        path: An ONNX (``.onnx``), OpenVINO (``.xml`` with a ``.bin`` beside it) or AOTInductor
            (``.pt2``) file.
        trust_code: Whether native code within the file may run. A ``.pt2`` file holds some.

    Raises:
        CheckpointError: If there is no such file, it is damaged or of others, its code is not
            trusted, or the package that runs it is missing.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f'{path}: no such file')
    if path.suffix.lower() == '.pt2' and not trust_code:
        raise CheckpointError(
            f'{path}: holds native code, which runs with all your rights. If it comes from '
            'someone whom you trust with them, say so: --trust-code, in Python trust_code=True'
        )
    text, prepare = OPENERS[path.suffix.lower()](path)
    about = About.from_text(text, path)
    return ExportedModel(prepare(about), about, str(path))
