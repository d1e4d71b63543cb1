"""Records: JSON files that list the files we wrote beside them, which only these may replace."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from depthdecomp_mm.errors import OutputError
from depthdecomp_mm.files import partial_of, write_json

WRITER = 'depthdecomp_mm'
PICTURE_ENDINGS = ('_depth.png', '_panel.png')
"""What the names of predicted pictures end in, after that of their record."""


def record_of(file: Path) -> Path:
    """The record of a file that is not one of several for an image."""
    return file.with_name(f'{file.name}.json')


def is_recorded(picture: Path) -> bool:
    """Whether a file is a picture that was predicted and written earlier."""
    stems = (picture.name.removesuffix(e) for e in PICTURE_ENDINGS if picture.name.endswith(e))
    return any(picture.name in _files(picture.with_name(f'{stem}.json')) for stem in stems)


def is_ours(file: Path) -> bool:
    """Whether we wrote a file that is not one of several for an image."""
    return file.name in _files(record_of(file))


def check_replaceable(record: Path, names: Iterable[str]) -> None:
    """Make sure that files can be written and none of them is somebody else's.

    Args:
        record: Their record.
        names: Their names, in the record's folder.

    Raises:
        OutputError: If a file is there that the record does not list, the record itself is not one
            of ours, or a name is too long.
    """
    ours = _files(record)
    folder = next(parent for parent in record.absolute().parents if parent.is_dir())
    for name in (record.name, *names):
        path = record.with_name(name)
        try:  # the second is its name until it is whole
            taken, _ = _exists(path), _exists(partial_of(folder / name))
        except OSError as error:  # such as a name that is too long
            raise OutputError(f'{path}: cannot be written: {error.strerror}') from error
        if taken and name not in ours:
            raise OutputError(
                f'{path}: is there, but {record.name} does not say that we wrote it, and files of '
                'others are not replaced'
            )


def write_record(record: Path, content: Mapping, files: Mapping[str, Mapping]) -> None:
    """Write a record, before the files that it lists.

    Files that it listed before and that are still there stay listed, as ``earlier``: they may be
    of another image or model.

    Args:
        record: The file.
        content: What it says beside ``writer`` and ``files``.
        files: What it says of each file, by name.
    """
    before = {n: v for n, v in _files(record).items() if _exists(record.with_name(n))}
    before.pop(record.name, None)
    earlier = {name: dict(about, earlier=True) for name, about in before.items()}
    whole = dict(writer=WRITER, **content, files={**earlier, **files})
    write_json(record, whole, indent=2, allow_nan=False)


def _files(record: Path) -> dict[str, dict]:
    """The files that a record lists, and itself; none if it is not one of ours."""
    try:
        content = json.loads(record.read_bytes()) if record.is_file() else {}
    except (OSError, ValueError):
        return {}
    files = content.get('files') if isinstance(content, dict) else None
    if not isinstance(files, dict) or content.get('writer') != WRITER:
        return {}
    return {**files, record.name: {}}


def _exists(path: Path) -> bool:
    """Whether a file or a link is there, also one that leads nowhere."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True
