"""Depth that was measured at some pixels of some images."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from depthdecomp_mm.datasets.pairing import parse_line, parse_lines
from depthdecomp_mm.datasets.transforms import LoadDepthAnnotation
from depthdecomp_mm.errors import SampleError

COLUMNS = ('image', 'x', 'y', 'metres')
PIXELS_OF_A_FRAME = 1000


class Point(NamedTuple):
    """A measured distance.

    Attributes:
        x: Column of the image's pixel, from 0.
        y: Row, likewise.
        metres: Depth along the optical axis, positive.
        source: File and line that it stands in, for messages.
    """

    x: int
    y: int
    metres: float
    source: str

    def check_inside(self, size: tuple[int, int], image: str) -> None:
        """Make sure that the pixel is one of an image (H, W), whose path messages name.

        Raises:
            SampleError: If it is not.
        """
        height, width = size
        if not (0 <= self.x < width and 0 <= self.y < height):
            raise SampleError(
                f'{self.source}: the pixel {self.x}, {self.y} (x, y) is outside of {image}, which '
                f'has {width} x {height}'
            )


Measurements = dict[str, list[Point]]
"""Points by the paths of their images."""


def read_points(path: str | Path, folder: str | Path | None = None) -> Measurements:
    """Read a CSV file whose first line names the columns ``image``, ``x``, ``y`` and ``metres``.

    Args:
        path: The file, UTF-8.
        folder: What the images' paths are relative to; by default the file's own folder.

    Raises:
        SampleError: If it is missing or no such file, an image is missing, or a number is none.
    """
    path = Path(path)
    folder = path.parent if folder is None else Path(folder)
    found: Measurements = {}
    try:
        with path.open(newline='', encoding='utf-8-sig') as file:
            reader = csv.DictReader(file, skipinitialspace=True, strict=True)
            if lacking := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                raise SampleError(
                    f'{path}: expected a first line with {",".join(COLUMNS)}, but {lacking} are '
                    f'not in {reader.fieldnames}'
                )
            for row in reader:
                source = f'{path}, line {reader.line_num}'
                image = folder / (row['image'] or '')
                if not image.is_file():
                    raise SampleError(f'{source}: no such image: {image}')
                found.setdefault(str(image), []).append(_point(row, source))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SampleError(f'{path}: cannot be read as CSV: {error}') from error
    if not found:
        raise SampleError(f'{path}: no point below the first line')
    return found


def _point(row: dict, source: str) -> Point:
    numbers = {}
    for name in COLUMNS[1:]:
        try:
            numbers[name] = float(row[name])
        except (TypeError, ValueError):
            raise SampleError(
                f'{source}: expected a number as {name}, found {row[name]!r}'
            ) from None
    metres = numbers['metres']
    if not (math.isfinite(metres) and metres > 0):
        raise SampleError(f'{source}: expected metres above 0, found {row["metres"]}')
    if not (math.isfinite(numbers['x']) and math.isfinite(numbers['y'])):
        raise SampleError(f'{source}: expected a pixel, found {row["x"]}, {row["y"]}')
    return Point(round(numbers['x']), round(numbers['y']), metres, source)


def read_frames(
    path: str | Path,
    depth_scale: float,
    folder: str | Path | None = None,
    max_depth: float | None = None,
) -> Measurements:
    """Read a list of frames with depth maps, lines ``image depth [focal]``.

    Of each depth map 1000 valid pixels are taken, always the same, so that each frame counts alike.

    Args:
        path: The list file.
        depth_scale: Stored units per metre.
        folder: What the paths are relative to; by default the list's own folder.
        max_depth: Depth beyond it is invalid, metres; None for no limit.

    Raises:
        FileNotFoundError: If there is no such list.
        SampleError: If a line is malformed, or a file is missing, damaged or without any depth.
    """
    path = Path(path)
    folder = path.parent if folder is None else Path(folder)
    found: Measurements = {}
    for image, depth, _ in parse_lines(str(path), parse_line):
        if depth is None:
            continue
        if not (folder / image).is_file():
            raise SampleError(f'{path}: no such image: {folder / image}')
        info = dict(depth_map_path=str(folder / depth), depth_scale=depth_scale)
        found.setdefault(str(folder / image), []).extend(_pixels(info | dict(max_depth=max_depth)))
    if not found:
        raise SampleError(f'{path}: no frame with depth')
    return found


def _pixels(info: dict) -> Iterable[Point]:
    results, source = LoadDepthAnnotation().transform(dict(info)), info['depth_map_path']
    rows, columns = np.nonzero(results['gt_valid_mask'])
    if not rows.size:
        raise SampleError(f'{source}: no pixel has depth')
    number = min(PIXELS_OF_A_FRAME, rows.size)
    chosen = np.random.default_rng(0).choice(rows.size, number, replace=False)
    for y, x in zip(rows[chosen].tolist(), columns[chosen].tolist(), strict=True):
        yield Point(x, y, float(results['gt_depth_map'][y, x]), source)
