"""A figure of pictures in columns, which flow from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .colormap import INVALID_COLOR

INK, FAINT, ARROW = '#222222', '#6a6a6a', '#a8a8a8'
WIDTH, GAP, MARGIN = 2.5, 0.46, 0.12
TITLE, BAR, ROW_GAP = 0.27, 0.33, 0.12
"""Inches: a picture's width and the gap beside it; what a title and a colour bar take."""
DPI = 160


@dataclass
class Stage:
    """A picture with its words and colours.

    Args:
        title: What it is.
        note: Where it comes from.
        values: (H, W) to be coloured, NaN where there is none, or (H, W, 3) uint8 RGB.
        cmap: Name of a colour map of Matplotlib.
        limits: Values of the first and the last colour; None for no colour bar.
        unit: Of the values.
        text: Large words in the picture.
    """

    title: str
    note: str
    values: np.ndarray
    cmap: str = 'gray'
    limits: tuple[float, float] | None = None
    unit: str = ''
    text: str = ''


def draw_flow(columns: Sequence[Sequence[Stage]]) -> Figure:
    """Lay columns out from left to right, an arrow between each and the next.

    Args:
        columns: Pictures from top to bottom; all have the proportions of the first.
    """
    first = columns[0][0].values
    height = WIDTH * first.shape[0] / first.shape[1]
    cell = TITLE + height + BAR
    rows = max(map(len, columns))
    size = (
        2 * MARGIN + len(columns) * (WIDTH + GAP) - GAP,
        2 * MARGIN + rows * (cell + ROW_GAP) - ROW_GAP,
    )
    figure = Figure(figsize=size, facecolor='white', dpi=DPI)
    for i, column in enumerate(columns):
        left = MARGIN + i * (WIDTH + GAP)
        top = (size[1] + len(column) * (cell + ROW_GAP) - ROW_GAP) / 2
        for stage in column:
            _draw_stage(figure, stage, (left, top - TITLE - height, WIDTH, height))
            top -= cell + ROW_GAP
        if i:
            _draw_arrow(figure, left - GAP + 0.07, left - 0.07)
    return figure


def _draw_stage(figure: Figure, stage: Stage, box: tuple[float, float, float, float]) -> None:
    """Draw a picture at (left, bottom, width, height) inches, its title above, its bar below."""
    left, bottom, width, height = box
    axes = _axes(figure, box)
    values = stage.values
    if values.ndim == 3:  # a photograph is made smaller without leaving pixels out
        pixels = round(width * DPI), round(height * DPI)
        shrinks = pixels[0] < values.shape[1]
        values = cv2.resize(values, pixels, interpolation=cv2.INTER_AREA) if shrinks else values
    vmin, vmax = stage.limits or (None, None)
    cmap = matplotlib.colormaps[stage.cmap].with_extremes(bad=np.divide(INVALID_COLOR, 255))
    style = dict(aspect='auto', interpolation='nearest')
    picture = axes.imshow(values, cmap=cmap, vmin=vmin, vmax=vmax, **style)
    _write(figure, left, bottom + height + 0.08, stage.title, fontsize=11, weight='bold', color=INK)
    _write(figure, left + width, bottom + height + 0.08, stage.note, ha='right', fontsize=9)
    if stage.text:
        style = dict(ha='center', va='center', fontsize=14, color='white', linespacing=1.4)
        shade = dict(boxstyle='round,pad=0.5', facecolor='#000000a0', edgecolor='none')
        axes.text(0.5, 0.5, stage.text, transform=axes.transAxes, bbox=shade, **style)
    if stage.limits:
        room = 0.07 * len(stage.unit) + 0.1
        bar_axes = _axes(figure, (left, bottom - 0.15, width - room, 0.08))
        bar = figure.colorbar(picture, cax=bar_axes, orientation='horizontal')
        bar.outline.set_visible(False)
        bar.ax.set_axis_on()
        bar.ax.tick_params(labelsize=8, length=2, pad=1.5, colors=FAINT)
        bar.set_ticks(_inner_ticks(*stage.limits))
        _write(figure, left + width, bottom - 0.15, stage.unit, ha='right', fontsize=9)


def _inner_ticks(low: float, high: float) -> np.ndarray:
    """Round numbers so far from the ends that their words are not beyond them."""
    ticks, margin = (
        MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high),
        0.06 * (high - low),
    )
    return ticks[(ticks > low + margin) & (ticks < high - margin)]


def _draw_arrow(figure: Figure, start: float, end: float) -> None:
    """An arrow to the right in the middle of the figure, from and to so many inches."""
    width, height = figure.get_size_inches()
    axes = _axes(figure, (0, 0, width, height))
    axes.set(xlim=(0, 1), ylim=(0, 1), zorder=-1)
    style = dict(arrowstyle='-|>,head_width=0.4,head_length=0.7', color=ARROW, lw=2.5)
    axes.annotate('', (end / width, 0.5), (start / width, 0.5), arrowprops=style)


def _axes(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Axes at (left, bottom, width, height) inches, without ticks and frame."""
    size = np.tile(figure.get_size_inches(), 2)
    axes = figure.add_axes(tuple(np.divide(box, size)))
    axes.set_axis_off()
    return axes


def _write(figure: Figure, x: float, y: float, text: str, **style) -> None:
    """Write so many inches from the left and the bottom."""
    width, height = figure.get_size_inches()
    figure.text(x / width, y / height, text, **{'color': FAINT, **style})
