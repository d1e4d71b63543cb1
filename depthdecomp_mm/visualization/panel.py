"""Titled pictures with colour bars, side by side in one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .colormap import lookup_table

PAD = 16
TITLE_HEIGHT = 30
BAR_GAP, BAR_HEIGHT, TICK_HEIGHT, NOTE_HEIGHT = 8, 12, 22, 24
INK, FAINT_INK = (34, 34, 34), (96, 96, 96)
TITLE_SCALE, LABEL_SCALE = 0.6, 0.45


@dataclass
class ColorBar:
    """The scale under a picture.

    Args:
        cmap: Name of a colour map of Matplotlib.
        vmin: Value at the left end.
        vmax: Value at the right end.
        unit: Such as 'm' or 'unitless'.
    """

    cmap: str
    vmin: float
    vmax: float
    unit: str


@dataclass
class Tile:
    """One picture of a panel.

    Args:
        title: Words above it.
        image: (H, W, 3) uint8 RGB.
        bar: Scale below it.
        note: Words at the very bottom.
        smooth: Whether pixels may be mixed when the picture is resized; not for colours that stand
            for numbers.
    """

    title: str
    image: np.ndarray
    bar: ColorBar | None = None
    note: str = ''
    smooth: bool = False


def draw_panel(
    tiles: Sequence[Tile], columns: int | None = None, width: int | None = None
) -> np.ndarray:
    """Lay out pictures in rows of up to four, or of two where they are wide.

    All are resized to one size in the proportions of the first: small ones grow, so that words
    stay legible beside them.

    Args:
        tiles: At least one.
        columns: Pictures in a row, in place of what suits a single frame.
        width: Of each picture, in pixels, in place of one that suits its size.

    Returns:
        (H, W, 3) uint8 RGB on white.
    """
    width, height, columns = _layout(*tiles[0].image.shape[:2], len(tiles), columns, width)
    has_bar = any(tile.bar for tile in tiles)
    has_note = any(tile.note for tile in tiles)
    cell_height = TITLE_HEIGHT + height + PAD
    cell_height += (BAR_GAP + BAR_HEIGHT + TICK_HEIGHT) * has_bar + NOTE_HEIGHT * has_note
    rows = -(-len(tiles) // columns)
    canvas = np.full((rows * cell_height, PAD + columns * (width + PAD), 3), 255, dtype=np.uint8)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        top, left = row * cell_height, PAD + column * (width + PAD)
        _draw_tile(canvas[top : top + cell_height, left : left + width], tile, height)
    return canvas


def _layout(
    height: int, width: int, count: int, columns: int | None, drawn_width: int | None
) -> tuple[int, int, int]:
    """Return width and height of each picture, and the number of columns."""
    wide = width > 1.8 * height
    scale = (720 if wide else 480) / max(height, width)
    scale = drawn_width / width if drawn_width else max(scale, 256 / width)
    rows = -(-count // (2 if wide else 4))
    columns = columns or -(-count // rows)  # so that rows are equally full
    return max(round(width * scale), 1), max(round(height * scale), 1), columns


def _draw_tile(cell: np.ndarray, tile: Tile, height: int) -> None:
    width = cell.shape[1]
    _text(cell, tile.title, 0, TITLE_HEIGHT - 9, TITLE_SCALE, INK)
    interpolation = cv2.INTER_NEAREST
    if tile.smooth:
        interpolation = cv2.INTER_AREA if tile.image.shape[1] > width else cv2.INTER_LINEAR
    top = TITLE_HEIGHT
    cell[top : top + height] = cv2.resize(tile.image, (width, height), interpolation=interpolation)
    top += height
    if tile.bar:
        _draw_bar(cell[top : top + BAR_GAP + BAR_HEIGHT + TICK_HEIGHT], tile.bar)
        top += BAR_GAP + BAR_HEIGHT + TICK_HEIGHT
    _text(cell, tile.note, 0, top + NOTE_HEIGHT - 8, LABEL_SCALE + 0.05, INK)


def _draw_bar(area: np.ndarray, bar: ColorBar) -> None:
    from matplotlib.ticker import MaxNLocator  # slow to import

    unit_width = _text_width(bar.unit, LABEL_SCALE)
    width = area.shape[1] - unit_width - 8
    bottom = BAR_GAP + BAR_HEIGHT
    levels = np.linspace(0, 255, width).round().astype(np.uint8)
    area[BAR_GAP:bottom, :width] = lookup_table(bar.cmap)[levels]
    _text(area, bar.unit, width + 8, bottom - 1, LABEL_SCALE, FAINT_INK)
    ticks = MaxNLocator(nbins=max(width // 64, 2), steps=[1, 2, 2.5, 5, 10]).tick_values(
        bar.vmin, bar.vmax
    )
    for tick in ticks[(ticks >= bar.vmin) & (ticks <= bar.vmax)]:
        x = round((width - 1) * (tick - bar.vmin) / (bar.vmax - bar.vmin))
        area[bottom : bottom + 4, x] = FAINT_INK
        # Rounding keeps 0.30000000000000004 from being written out, and -0.0 from its sign.
        label = f'{round(tick, 10) + 0.0:g}'
        label_width = _text_width(label, LABEL_SCALE)
        x = min(max(x - label_width // 2, 0), width - label_width)
        _text(area, label, x, bottom + TICK_HEIGHT - 5, LABEL_SCALE, FAINT_INK)


def _text(image: np.ndarray, text: str, x: int, y: int, scale: float, color: tuple) -> None:
    """Write into an image, which may be part of a larger one; (x, y) is the baseline's start."""
    drawn = np.ascontiguousarray(image)
    cv2.putText(drawn, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, color, 1, cv2.LINE_AA)
    image[:] = drawn


def _text_width(text: str, scale: float) -> int:
    return cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0]
