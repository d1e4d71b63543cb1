"""Which depth map belongs to which image: from a list file, or from folders."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TypeVar

from depthdecomp_mm.errors import SampleError

from . import storage

Suffix = str | tuple[str, ...]
Entry = TypeVar('Entry')


def parse_line(line: str) -> tuple[str, str | None, float | None]:
    """Split one line ``rgb depth [focal]`` of a list file.

    Fields are separated by tabs where the line holds one, so that names may contain spaces, and by
    any white space otherwise.

    Args:
        line: The line, neither blank nor a comment.

    Returns:
        The image's path, the depth map's path or None where the list says ``None``, and the focal
        length in pixels of the stored image, or None.

    Raises:
        ValueError: If the line does not hold two paths and, optionally, a number.
    """
    fields = [field.strip() for field in line.split('\t')] if '\t' in line else line.split()
    if len(fields) not in (2, 3) or not all(fields):
        raise ValueError(
            f"found {len(fields)} fields in {line!r}, expected 'rgb depth [focal]' "
            '(separated by tabs where a name holds spaces)'
        )
    focal = None
    if len(fields) == 3:
        try:
            focal = float(fields[2])
        except ValueError:
            raise ValueError(
                f'found {fields[2]!r} in the third field, expected the focal length '
                '(separate the fields by tabs where a name holds spaces)'
            ) from None
    return fields[0], None if fields[1] == 'None' else fields[1], focal


def parse_lines(
    ann_file: str, parse: Callable[[str], Entry], backend_args: dict | None = None
) -> list[Entry]:
    """Read a list file; blank lines and lines that start with ``#`` are ignored.

    Args:
        ann_file: The list file, UTF-8.
        parse: From a line to an entry; raises ValueError if it is malformed.
        backend_args: Arguments of MMEngine's file backend.

    Returns:
        The entries, line by line.

    Raises:
        FileNotFoundError: If the list file does not exist.
        SampleError: If it is not text or one of its lines is malformed; names file and line.
    """
    place = storage.place_of(ann_file, backend_args)
    try:
        text = storage.read(ann_file, backend_args).decode('utf-8-sig')
    except FileNotFoundError:
        raise FileNotFoundError(f'list file not found: {place}') from None
    except UnicodeDecodeError as error:
        raise SampleError(f'{place}: expected a list in UTF-8 text, found: {error}') from None
    entries = []
    for number, line in enumerate(io.StringIO(text), 1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        try:
            entries.append(parse(line))
        except ValueError as error:
            raise SampleError(f'{place}, line {number}: {error}') from None
    return entries


def scan_folder(
    folder: str, suffix: Suffix, key: Callable[[str], str], backend_args: dict | None = None
) -> dict[str, str]:
    """Find the files of a folder and its subfolders that end in a suffix.

    Args:
        folder: The folder.
        suffix: The end of the file names, or several.
        key: Maps a file's relative path without suffix to what its partners have in common.
        backend_args: Arguments of MMEngine's file backend.

    Returns:
        The relative path of every file by its key, sorted by path.

    Raises:
        FileNotFoundError: If the folder does not exist.
        SampleError: If two files have the same key, or the backend cannot list a folder.
    """
    # Longest first, since `_c.png` also ends in `.png`.
    suffixes = sorted((suffix,) if isinstance(suffix, str) else suffix, key=len, reverse=True)
    files: dict[str, str] = {}
    for name in sorted(storage.list_files(folder, tuple(suffixes), backend_args)):
        ending = next(end for end in suffixes if name.endswith(end))
        stem = key(name[: len(name) - len(ending)])
        if stem in files:
            raise SampleError(
                f'{folder}: found both {files[stem]!r} and {name!r}, expected one file a sample'
            )
        files[stem] = name
    return files
