"""Pairs of a user's own camera: finding them by their names, splitting them, a config for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from posixpath import normpath

from depthdecomp_mm.datasets.pairing import parse_line, parse_lines
from depthdecomp_mm.errors import SampleError

FIELD = re.compile(r'\{(\w+)\}')


def find_files(root: Path, template: str) -> dict[str, str]:
    """Find files whose paths fit a template.

    Args:
        root: Folder.
        template: Relative path such as ``color/{id}.jpg`` or ``{scene}/rgb_{id}.*``: ``{name}``
            stands for any text (``/`` included), ``*`` for any text within a folder or file name.

    Returns:
        The relative path of every file by the values of its fields, sorted.

    Raises:
        SampleError: If no file fits, two have the same values, or the template has no field.
    """
    names = FIELD.findall(template)
    if not names or len(set(names)) != len(names) or not all(map(str.isidentifier, names)):
        raise SampleError(f'template {template!r}: expected fields such as {{id}}, each once')
    pattern = re.compile(_regular_expression(template), re.DOTALL)
    files: dict[str, str] = {}
    for path in sorted(root.rglob('*')):
        relative = path.relative_to(root).as_posix()
        match = pattern.fullmatch(relative)
        if not match or not path.is_file() or path.name.startswith('.'):
            continue
        key = ' '.join(match[name] for name in sorted(names))
        if key in files:
            raise SampleError(f'{root}: both {files[key]!r} and {relative!r} fit {template!r}')
        files[key] = relative
    if not files:
        raise SampleError(f'{root}: no file fits the template {template!r}')
    return files


def _regular_expression(template: str) -> str:
    # Fields are greedy, so that in `{id}.*` only the last dot begins the suffix.
    parts = re.split(r'(\{\w+\}|\*)', template)
    return ''.join(
        '[^/]*' if part == '*' else f'(?P<{part[1:-1]}>.+)' if FIELD.fullmatch(part)
        else re.escape(part) for part in parts
    )  # fmt: skip


def recording_order(path: Path) -> list[str | int]:
    """Sort key: by folder and name, the numbers in them by value (2 before 10)."""
    return [int(part) if part.isdecimal() else part for part in re.split(r'(\d+)', str(path))]


def read_test_list(path: Path, names: Sequence[str]) -> set[str]:
    """Image paths of a list: a whole line, or its first field where that is no image's name.

    Args:
        path: Lines of image paths, or of pairs as :func:`..pairing.parse_line` reads them;
            blank lines and those that begin with ``#`` are ignored.
        names: The images that there are.

    Raises:
        FileNotFoundError: If the list does not exist.
        SampleError: If it is not text, or a line is neither; names file and line.
    """
    known = set(names)

    def image(line: str) -> str:
        whole = line in known or normpath(line) in known or len(line.split()) == 1
        return normpath(line if whole else parse_line(line)[0])

    return set(parse_lines(str(path), image))


def split_pairs(
    pairs: Sequence[dict], names: Sequence[str], test_fraction: float, test: set[str] | None
) -> dict[str, list[dict]]:
    """Divide pairs into training and test.

    Args:
        pairs: In the order of recording.
        names: The image path of each pair, as the test list spells it.
        test_fraction: Share of the pairs to test on, at the end: frames of a recording resemble
            their neighbours, so that random ones would not tell how well others do.
        test: Image paths of the test pairs; None to go by the share.

    Raises:
        SampleError: If a test image is not among the pairs, or either part would be empty.
    """
    if test is None:
        first = len(pairs) - max(1, round(len(pairs) * test_fraction))
        test = set(names[first:])
    unknown = sorted(test - set(names))
    if unknown:
        raise SampleError(f'{len(unknown)} test images are not among the pairs: {unknown[:3]}')
    parts = {
        'train': [pair for pair, name in zip(pairs, names, strict=True) if name not in test],
        'test': [pair for pair, name in zip(pairs, names, strict=True) if name in test],
    }
    empty = [part for part, members in parts.items() if not members]
    if empty:
        raise SampleError(f'{len(pairs)} pairs leave none to {empty[0]}: expected at least one')
    return parts


def config_text(
    parent: str, data_root: Path, depth_scale: float, max_depth: float, relative_root: Path
) -> str:
    """A config that trains on the lists ``train.txt`` and ``test.txt`` below ``data_root``.

    Args:
        parent: Name of the shipped config that it inherits from.
        data_root: Folder of the lists.
        depth_scale: Stored units per metre.
        max_depth: Metres; deeper pixels take no part, and predictions end there.
        relative_root: Folder of the relative data that :data:`MIXED_CONFIG` adds.
    """
    return f"""\
# Rewritten by each run of the converter, which refuses if it was changed: keep changes of yours in
# a config based on this one.
_base_ = {parent!r}

data_root = {str(data_root)!r}
depth_scale = {depth_scale!r}  # stored units per metre
depth_range = dict(max_depth={max_depth!r})  # metres; of data, network and evaluation

dataset = dict(data_root=data_root, depth_scale=depth_scale)
train_dataloader = dict(dataset=dict(datasets=dict(metric=dataset)))
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader

# for config_hrwsi.py
mixed = dict(dataset=dict(datasets=dict(relative=dict(data_root={str(relative_root)!r}))))
"""


MIXED_CONFIG = """\
_base_ = './config.py'
train_dataloader = {{_base_.mixed}}
"""
"""Beside ``config.py``: half of each batch from the relative data."""
