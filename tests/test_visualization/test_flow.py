"""The figure of the decomposition can be read."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from depthdecomp_mm.visualization.flow import Stage, draw_flow

MAP = np.linspace(1, 3, 60 * 80).reshape(60, 80)
PHOTOGRAPH = np.zeros((960, 1280, 3), np.uint8)


@pytest.fixture
def figure():
    deep = Stage('Gradients, horizontal', 'MDR block', MAP, 'plasma', (1, 3), 'σ/px', text='2.3 m')
    figure = draw_flow([[Stage('Image', 'encoder', PHOTOGRAPH)], [deep, deep], [deep, deep]])
    FigureCanvasAgg(figure).draw()
    return figure


def test_words_are_all_there_and_do_not_overlap(figure):
    words = list(figure.texts)
    for axes in figure.axes:
        words += axes.texts + axes.xaxis.get_ticklabels() * axes.axison
    words = [word for word in words if word.get_text() and word.get_visible()]
    boxes = {word: word.get_window_extent() for word in words}
    assert {word.get_text() for word in words} >= {'Image', 'MDR block', 'σ/px', '2.3 m', '2.0'}
    width, height = figure.canvas.get_width_height()
    assert all(
        box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
        for box in boxes.values()
    )
    assert not [(a, b) for a, b in combinations(words, 2) if boxes[a].overlaps(boxes[b])]


def test_arrows_stand_between_the_columns(figure):
    arrows = [text for axes in figure.axes for text in axes.texts if not text.get_text()]
    assert len(arrows) == 2
    pictures = [axes.get_position() for axes in figure.axes if axes.images]
    for arrow in arrows:
        start, end = arrow.xyann[0], arrow.xy[0]
        assert start < end
        assert not [box for box in pictures if box.x0 < end and box.x1 > start]
