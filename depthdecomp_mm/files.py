"""Files that are either whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .errors import UserError

PARTIAL = '.depthdecomp_mm.part.'


def partial_of(path: str | Path) -> Path:
    """The hidden name beside a file's own under which it is written.

    It is the same every time, so that a later run replaces what a killed one left, and it ends as
    the file's own, by which some writers choose the format.

    Examples:
        >>> partial_of('out/depth.png').name
        '.depthdecomp_mm.part.depth.png'
    """
    path = Path(path)
    return path.with_name(PARTIAL + path.name)


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Let something else write a file, which gets its name at the end, unless there is an error.

    Args:
        path: The file; its folder is created.

    Yields:
        What to write in its place.
    """
    path, partial = Path(path), partial_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield partial
        with partial.open('rb') as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def digest_of(path: str | Path, algorithm: Callable[[], Any] = hashlib.sha256) -> str:
    """Digest of a file in hexadecimal digits, without holding the file in memory.

    Args:
        path: The file.
        algorithm: Begins a digest, as those of :mod:`hashlib` do.
    """
    digest = algorithm()
    with open(path, 'rb') as file:  # hashlib.file_digest comes with Python 3.11
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        OSError: If it cannot be written; names the file.
    """
    write_together({path: content})


def write_json(path: Path, content: Any, **options: Any) -> None:
    """Write a JSON file, whole or not at all.

    Args:
        path: The file.
        content: What it says.
        **options: Those of :func:`json.dumps`.

    Raises:
        OSError: If it cannot be written; names the file.
    """
    write_bytes(path, (json.dumps(content, **options) + '\n').encode())


def keep_inputs(outputs: Iterable[str | Path], inputs: Iterable[str | Path]) -> None:
    """Make sure that no file to be written is one that is read.

    Raises:
        UserError: If one is, also by another name or through a link.
    """
    read = {os.path.realpath(path): path for path in inputs}
    for path in outputs:
        if (source := read.get(os.path.realpath(path))) is not None:
            raise UserError(f'{path}: would be written over the input {source}')


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


def _write_partial(path: Path, content: bytes) -> Path:
    partial = partial_of(path)
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
