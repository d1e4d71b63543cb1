"""Lines of list files that are read back as they were meant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from depthdecomp_mm.errors import SampleError


def path_in_list(path: str | Path, out: Path) -> str:
    """A file's path relative to the folder of its list, which leads there through links, too.

    Raises:
        SampleError: If no list can hold it, such as one with a line break.
    """
    relative = os.path.relpath(path, out)
    if relative.startswith(os.pardir):  # `..` leads up from where a link leads to
        folder, name = os.path.split(path)
        folder = os.path.relpath(os.path.realpath(folder), os.path.realpath(out))
        relative = os.path.join(folder, name)
    return spell(Path(relative).as_posix())


def spell(path: str) -> str:
    """A path as a list can hold it: not taken for a comment or for a missing depth map.

    Raises:
        SampleError: If no list can hold it, such as one with a line break.
    """
    if path.startswith('#') or path == 'None' or path != path.lstrip():
        path = f'./{path}'
    unreadable = path != path.strip() or '\t' in path or len(path.splitlines()) != 1
    if unreadable or any('\ud800' <= character <= '\udfff' for character in path):
        raise SampleError(
            f'{path!r}: a list cannot hold a name with a tab or line break, a space at its end, or '
            'bytes that are not UTF-8: rename it'
        )
    return path


def list_text(rows: Iterable[Sequence[str | float]]) -> str:
    """A list file's text, a line for each row.

    Fields are separated by spaces, or by tabs in all lines if any field holds white space.

    Raises:
        SampleError: If a path would not be read back.
    """
    rows = [
        [spell(field) if isinstance(field, str) else str(field) for field in row] for row in rows
    ]
    separator = '\t' if any(len(field.split()) > 1 for row in rows for field in row) else ' '
    return ''.join(f'{separator.join(row)}\n' for row in rows)


def keep_longer_lists(out: Path, lists: Mapping[str, str]) -> None:
    """Make sure that a trial (``--limit``) replaces no list of the whole set.

    Args:
        out: Folder of the lists.
        lists: Their texts by name.

    Raises:
        SampleError: If one that is there is longer.
    """
    for name, text in lists.items():
        path = out / name
        before = len(path.read_text().splitlines()) if path.exists() else 0
        found = len(text.splitlines())
        if before > found:
            raise SampleError(
                f'{path}: lists {before} pairs, found {found} with --limit: choose another --out'
            )
