import numpy as np
import pytest

from depthdecomp_mm.visualization.panel import ColorBar, Tile, draw_panel

RED = (255, 0, 0)


def red_rectangles(panel):
    """Widths and heights of the red pictures, from their first row and column."""
    red = (panel == RED).all(axis=2)
    rows, columns = red.any(axis=1), red.any(axis=0)
    starts = np.diff(np.r_[0, columns.astype(int)]) == 1
    return int(starts.sum()), int(columns.sum()), int(rows.sum())


def tiles_of(height, width, count=4, **kwargs):
    image = np.full((height, width, 3), RED, dtype=np.uint8)
    return [Tile('Title', image, **kwargs) for _ in range(count)]


@pytest.mark.parametrize(
    'shape, columns',
    [((480, 640), 4), ((120, 160), 4), ((640, 480), 4), ((1000, 1000), 4), ((375, 1242), 2)],
)
def test_pictures_stand_in_a_row_or_in_two_columns(shape, columns):
    count, width, height = red_rectangles(draw_panel(tiles_of(*shape)))
    assert count == columns
    width, height = width / columns, height / (4 / columns)
    assert width / height == pytest.approx(shape[1] / shape[0], rel=0.01)
    assert width >= 256
    assert max(width, height) <= 720


def test_title_is_dark_on_white_above_the_picture():
    panel = draw_panel(tiles_of(120, 160, 1))
    above = panel[: np.flatnonzero((panel == RED).all(axis=2).any(axis=1))[0]]
    assert above.min() < 60
    assert (above == 255).mean() > 0.9


def test_bar_runs_through_the_color_map_and_has_labels_below():
    bar = ColorBar('gray', 0.5, 3.5, 'm')
    with_bar = draw_panel(tiles_of(480, 640, 1, bar=bar))
    without = draw_panel(tiles_of(480, 640, 1))
    picture = np.flatnonzero((with_bar == RED).all(axis=2).any(axis=1))
    below = with_bar[picture[-1] + 1 :]
    assert len(with_bar) > len(without)
    ramp = below[12, 16:].astype(int)
    ramp = ramp[: np.flatnonzero((ramp == 255).all(axis=1))[0]]
    assert (np.diff(ramp[:, 0]) >= 0).all() and ramp[0, 0] == 0 and ramp[-1, 0] >= 254
    assert (below[22:] < 150).any()


def test_pictures_of_other_sizes_are_drawn_at_the_size_of_the_first():
    tiles = tiles_of(480, 640, 1) + tiles_of(60, 50, 1)
    count, width, _ = red_rectangles(draw_panel(tiles))
    assert (count, width) == (2, 960)


def test_labelled_colors_are_not_mixed_by_resizing():
    image = np.zeros((50, 70, 3), dtype=np.uint8)
    image[::2] = RED
    panel = draw_panel([Tile('', image)])
    colors = {tuple(color) for color in panel.reshape(-1, 3).tolist()}
    assert colors == {RED, (0, 0, 0), (255, 255, 255)}


@pytest.mark.parametrize('count, rows', [(4, [4]), (5, [3, 2]), (6, [3, 3]), (7, [4, 3])])
def test_rows_are_equally_full(count, rows):
    image = np.full((60, 80, 3), RED, np.uint8)
    panel = draw_panel([Tile('', image)] * count)
    red = (panel == RED).all(axis=2)
    starts = np.flatnonzero(np.diff(np.r_[0, red.any(axis=1).astype(int)]) == 1)
    assert [int((np.diff(np.r_[0, red[y].astype(int)]) == 1).sum()) for y in starts] == rows
