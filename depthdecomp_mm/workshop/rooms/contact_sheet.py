"""A sheet of frames beside their labels, to look at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from depthdecomp_mm.datasets.converters.writing import write_image

from .frames import PARTS, Frame, Shot, render
from .generate import check_frames


def _row(shot: Shot, metric: bool) -> np.ndarray:
    """Colour, true depth and label side by side; black where the label is invalid."""
    # One scale for true depth and measurement, so that they can be compared.
    top = np.percentile(shot.depth, 99)
    near = 1 - np.clip(shot.depth / top, 0, 1)
    label = 1 - np.clip(shot.label / 1000 / top, 0, 1) if metric else shot.label / 255
    maps = [cv2.applyColorMap(np.uint8(255 * m), cv2.COLORMAP_TURBO) for m in (near, label)]
    maps[1][shot.valid == 0] = 0
    return np.hstack([shot.image, *maps])


def contact_sheet(
    path: str | Path, size: tuple[int, int], seed: int = 0, rows: int = 6, columns: int = 2
) -> None:
    """Renders frames spread over the parts and writes the sheet.

    Args:
        path: Picture to write.
        size: Frame (width, height) in pixels.
        seed: Of the data set.
        rows: Frames in a column.
        columns: Columns of each of the metric and the relative part.

    Raises:
        SettingsError: If the size or the seed is out of range.
        OSError: If the picture cannot be written.
    """
    check_frames(size, seed)
    strips = []
    for part in (PARTS[0], PARTS[2]):
        for column in range(columns):
            numbers = [7 * (column * rows + row) for row in range(rows)]
            shots = [render(Frame(part, number, size, seed)) for number in numbers]
            strips.append(np.vstack([_row(shot, part.startswith('metric')) for shot in shots]))
    write_image(Path(path), np.hstack(strips))
