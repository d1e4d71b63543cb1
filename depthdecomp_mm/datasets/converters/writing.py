"""Files that are either whole or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from ...errors import SampleError

MILLIMETRES = 1000
JPEG_QUALITY = 95


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file under a hidden name beside its own and rename it when it is whole.

    The hidden name is the same every time, so that a later run replaces what a killed one left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'.{path.name}.part')
    with partial.open('wb') as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def write_color(path: Path, image: np.ndarray) -> None:
    """Write (H, W, 3) uint8 BGR as PNG (lossless) or JPEG (quality 95), by the path's suffix."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if path.suffix == '.jpg' else []
    write_bytes(path, _encode(path, image, quality))


def write_depth(path: Path, depth: np.ndarray) -> None:
    """Write (H, W) metres as a 16-bit PNG of millimetres; 0 where not measured."""
    write_bytes(path, encode_depth(path, depth))


def encode_depth(path: Path, depth: np.ndarray) -> bytes:
    """The content of the PNG file that :func:`write_depth` writes.

    Raises:
        SampleError: If a depth does not fit 16-bit millimetres.
    """
    stored = np.rint(np.nan_to_num(depth, posinf=0, neginf=0) * MILLIMETRES)
    if stored.min() < 0 or stored.max() > np.iinfo(np.uint16).max:
        raise SampleError(
            f'{path}: depth from {depth.min():.3f} to {depth.max():.3f} m cannot be stored as '
            '16-bit millimetres (0 to 65.535 m)'
        )
    return _encode(path, stored.astype(np.uint16), [])


def _encode(path: Path, image: np.ndarray, options: list[int]) -> bytes:
    return cv2.imencode(path.suffix, image, options)[1].tobytes()


def write_list(path: Path, pairs: Iterable[Sequence[str | float]], trial: bool = False) -> None:
    """Write a list file: a line for each pair, paths as given, then further fields.

    Fields are separated by spaces, or by tabs in all lines if any field holds white space.

    Args:
        path: The list file.
        pairs: Its lines.
        trial: Whether this is a part of the set only (``--limit``).

    Raises:
        SampleError: If a trial would replace a longer list.
    """
    rows = [[str(field) for field in pair] for pair in pairs]
    before = len(path.read_text().splitlines()) if trial and path.exists() else 0
    if before > len(rows):
        raise SampleError(
            f'{path}: lists {before} pairs, found {len(rows)} with --limit: choose another --out'
        )
    separator = '\t' if any(len(field.split()) > 1 for row in rows for field in row) else ' '
    write_bytes(path, ''.join(f'{separator.join(row)}\n' for row in rows).encode())


def record_options(out: Path, tool: str, options: dict) -> None:
    """Keep the options of a conversion beside its files, so that no run mixes two of them.

    Args:
        out: Folder of the conversion.
        tool: Name of the converter.
        options: What the content of the files depends on.

    Raises:
        SampleError: If files of the same converter are there that were made with other options.
    """
    path = out / f'{tool}_options.json'
    if path.exists():
        found = json.loads(path.read_text())
        if found != options:
            raise SampleError(
                f'{path}: the files in this folder were made with {found}, now asked for '
                f'{options}: choose another --out, or delete the folder'
            )
    else:
        write_bytes(path, (json.dumps(options, indent=2) + '\n').encode())
