"""Packages of AOTInductor (``.pt2``): the network compiled to native code, which needs no Python.

``torch.export.load`` reads ``.pt2`` files of another kind, programs that it unpickles; these are
not read here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.export import ExportedProgram

from depthdecomp_mm.errors import CheckpointError

from .about import KEY, About
from .model import Runner


def open_file(path: Path) -> tuple[str | None, Callable[[About], Runner]]:
    """Load a file, whose code runs from here on."""
    from torch._inductor import aoti_load_package

    try:
        package = aoti_load_package(str(path))
    except Exception as error:  # RuntimeError, mostly, with a stack trace in C++
        reason = str(error).strip().splitlines()[0]
        raise CheckpointError(f'{path}: PyTorch cannot load this package: {reason}') from error

    def run(batch: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return package(torch.from_numpy(batch)).numpy()

    return package.get_metadata().get(KEY), lambda about: run


def write(program: ExportedProgram, path: Path, about: About) -> None:
    """Compile a program, which takes a minute or more and needs a C++ compiler.

    Raises:
        RuntimeError: If there is none, or it fails.
    """
    from torch._inductor import aoti_compile_and_package

    # the package's folders are named after its file
    package = path.with_name(f'{path.name}.pt2')
    configs = {'aot_inductor.metadata': {KEY: about.to_text()}}
    try:
        aoti_compile_and_package(program, package_path=str(package), inductor_configs=configs)
        package.replace(path)
    finally:
        package.unlink(missing_ok=True)
