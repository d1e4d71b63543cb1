"""Draw a test frame's decomposition as a network predicts it, for README and docs.

    draw_idea.py CONFIG CHECKPOINT --out docs/images/idea.png [--index 7]

Image, gradients (G-Net), normalised map (N-Net), mean (MDR block) and depth (M-Net) stand beside
the ground truth, which shares the depth's colours.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from depthdecomp_mm.apis import DepthInferencer
from depthdecomp_mm.command_line import add_config_options, run
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.files import keep_inputs
from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.visualization import value_range
from depthdecomp_mm.visualization.colormap import INVALID_COLOR
from depthdecomp_mm.visualization.decomposition import SIGNED
from depthdecomp_mm.visualization.targets import NEAR_IS_LARGE, NEAR_IS_SMALL

PARTS = ('gradients', 'normalized', 'mean')
INK, FAINT, ARROW = '#222222', '#707070', '#9a9a9a'
# inches
WIDTH, GAP, MARGIN, TITLE, BAR, ROW_GAP = 2.5, 0.55, 0.12, 0.3, 0.48, 0.2


@dataclass
class Tile:
    """A picture with its words and colours.

    Args:
        title: What it is.
        note: Which part of the network it comes from.
        values: (H, W) to be coloured, or (H, W, 3) uint8 RGB.
        cmap: Colour map.
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


@dataclass
class Frame:
    """A test frame.

    Args:
        image: (H, W, 3) uint8 RGB.
        truth: (H, W) metres, NaN where not measured.
        prediction: As :func:`~depthdecomp_mm.apis.as_result` gives it.
    """

    image: np.ndarray
    truth: np.ndarray
    prediction: dict


def predict_frame(inferencer: DepthInferencer, index: int) -> Frame:
    """Read a frame of the config's test set and predict it."""
    load = [dict(type='LoadImageFromFile'), dict(type='LoadDepthAnnotation')]
    test_set = DATASETS.build(dict(inferencer.model.cfg.test_dataloader.dataset, pipeline=load))
    if not 0 <= index < len(test_set):
        raise ConfigError(f'--index {index}: the test set has frames 0 to {len(test_set) - 1}')
    frame = test_set[index]
    truth = np.where(frame['gt_valid_mask'], frame['gt_depth_map'], np.nan)
    prediction = inferencer(frame['img'])['predictions'][0]
    return Frame(frame['img'][..., ::-1], truth.squeeze(), prediction)


def tiles_of(frame: Frame, mean_depth: float) -> list[list[Tile]]:
    """The pictures, column by column."""
    prediction = frame.prediction
    inverse = prediction['representation'] == 'inverse'
    depth = prediction['depth']
    limits = value_range(np.stack([frame.truth, depth]))
    steep = value_range(np.abs(prediction['gradients']))[1]
    slope = 'difference to the next pixel'
    horizontal, vertical = prediction['gradients']
    flat = np.full_like(depth, mean_depth)
    code = f'1 / (depth + 1) = {prediction["mean"]:.3f}' if inverse else ''
    text = f'{mean_depth:.2f} m' + f'\n{code}' * bool(code)
    return [
        [Tile('Image', 'encoder', frame.image)],
        [
            Tile('Gradients, horizontal', 'G-Net', horizontal, SIGNED, (-steep, steep), slope),
            Tile('Gradients, vertical', 'G-Net', vertical, SIGNED, (-steep, steep), slope),
        ],
        [
            Tile(
                'Normalised map',
                'N-Net',
                prediction['normalized'],
                NEAR_IS_LARGE if inverse else NEAR_IS_SMALL,
                value_range(prediction['normalized']),
                'standard deviations',
            ),
            Tile('Mean', 'MDR block', flat, NEAR_IS_SMALL, limits, 'm', text),
        ],
        [
            Tile('Metric depth', 'M-Net', depth, NEAR_IS_SMALL, limits, 'm'),
            Tile('Ground truth', 'grey: no value', frame.truth, NEAR_IS_SMALL, limits, 'm'),
        ],
    ]


def draw(columns: Sequence[Sequence[Tile]]) -> Figure:
    """Lay the columns out from left to right, an arrow between each and the next."""
    height = WIDTH * columns[0][0].values.shape[0] / columns[0][0].values.shape[1]
    cell = TITLE + height + BAR
    rows = max(map(len, columns))
    size = (
        2 * MARGIN + len(columns) * WIDTH + (len(columns) - 1) * GAP,
        2 * MARGIN + rows * cell + (rows - 1) * ROW_GAP,
    )
    figure = Figure(figsize=size, facecolor='white')
    for i, column in enumerate(columns):
        left = MARGIN + i * (WIDTH + GAP)
        top = (size[1] + len(column) * cell + (len(column) - 1) * ROW_GAP) / 2
        for tile in column:
            box = (left / size[0], (top - TITLE - height) / size[1])
            draw_tile(figure, tile, box, (WIDTH / size[0], height / size[1]), size[1])
            top -= cell + ROW_GAP
        if i:
            draw_arrow(figure, (left - GAP + 0.08) / size[0], (left - 0.08) / size[0])
    return figure


def draw_tile(
    figure: Figure, tile: Tile, corner: tuple, extent: tuple, figure_height: float
) -> None:
    """Draw a picture with its title above and its colour bar below."""
    axes = figure.add_axes((*corner, *extent))
    shown = dict(zip(('vmin', 'vmax'), tile.limits, strict=True)) if tile.limits else {}
    cmap: Colormap = figure_colormap(tile.cmap)
    picture = axes.imshow(tile.values, cmap=cmap, aspect='auto', interpolation='nearest', **shown)
    tidy(axes)
    line = 1 / (72 * figure_height)  # a point, of the figure's height
    right, top = corner[0] + extent[0], corner[1] + extent[1]
    figure.text(corner[0], top + 7 * line, tile.title, fontsize=11.5, weight='bold', color=INK)
    figure.text(right, top + 7 * line, tile.note, fontsize=9.5, ha='right', color=FAINT)
    if tile.text:
        axes.text(
            *(0.5, 0.5, tile.text),
            transform=axes.transAxes,
            ha='center',
            va='center',
            fontsize=13,
            color='white',
            bbox=dict(boxstyle='round,pad=0.5', facecolor='#00000088', edgecolor='none'),
        )
    if tile.limits:
        bar_axes = figure.add_axes((corner[0], corner[1] - 12 * line, extent[0], 6 * line))
        bar = figure.colorbar(picture, cax=bar_axes, orientation='horizontal')
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=8, length=2, pad=2, colors=FAINT)
        bar.ax.locator_params(nbins=6)
        figure.text(right, corner[1] - 31 * line, tile.unit, fontsize=8, ha='right', color=FAINT)


def figure_colormap(name: str) -> Colormap:
    """A colour map that is grey where nothing was measured."""
    import matplotlib

    return matplotlib.colormaps[name].with_extremes(bad=tuple(c / 255 for c in INVALID_COLOR))


def tidy(axes: Axes) -> None:
    """No ticks, and no frame."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def draw_arrow(figure: Figure, start: float, end: float) -> None:
    """An arrow to the right in the middle of the figure."""
    axes = figure.add_axes((0, 0, 1, 1), zorder=-1)
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    style = dict(arrowstyle='-|>,head_width=0.45,head_length=0.8', color=ARROW, lw=3)
    axes.annotate('', (end, 0.5), (start, 0.5), arrowprops=style)


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of the config file, whose test set has the frame')
    parser.add_argument('checkpoint', help='of a network with all three decoders')
    parser.add_argument('--out', required=True, type=Path, help='picture to write')
    parser.add_argument('--index', type=int, default=0, help='frame of the test set; default: 0')
    add_config_options(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    keep_inputs([args.out], [args.config, args.checkpoint])
    inferencer = DepthInferencer(
        args.config,
        args.checkpoint,
        flip_test=False,  # the parts of one pass fit together
        outputs=PARTS,
        cfg_options=args.cfg_options,
        show_progress=False,
    )
    frame = predict_frame(inferencer, args.index)
    mean = inferencer.model.codec.decode(torch.tensor(frame.prediction['mean'])).item()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    draw(tiles_of(frame, mean)).savefig(args.out, dpi=130)
    print(f'{args.out}: frame {args.index}, mean {mean:.2f} m')


if __name__ == '__main__':
    run(main)
