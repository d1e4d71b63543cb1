"""Files that are either whole or not there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

PARTIAL = '.depthdecomp_mm.part'


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file under a hidden name beside its own and rename it when it is whole.

    The hidden name is the same every time, so that a later run replaces what a killed one left.

    Raises:
        OSError: If it cannot be written; names the file.
    """
    write_together({path: content})


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write files that belong together, such as the lists of training and test images.

    Nothing is renamed before all are whole. A kill may leave some of them missing, but never one of
    an earlier call beside one of this.

    Raises:
        OSError: If one cannot be written; names the file.
    """
    partials = [_write_partial(path, content) for path, content in files.items()]
    for path in list(files)[1:]:
        path.unlink(missing_ok=True)
    for partial, path in zip(partials, files, strict=True):
        os.replace(partial, path)


def partial_path(path: Path) -> Path:
    """The hidden name of a file until it is whole."""
    return path.with_name(f'.{path.name}{PARTIAL}')


def _write_partial(path: Path, content: bytes) -> Path:
    partial = partial_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open('wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:  # a full disk's names no file
        with suppress(OSError):
            partial.unlink()
        raise OSError(error.errno, f'cannot be written: {error.strerror}', str(path)) from error
    return partial
