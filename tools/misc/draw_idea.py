"""Draw the decomposition of a frame as a network predicts it.

    draw_idea.py CONFIG CHECKPOINT --out idea.png [--index 7]
    draw_idea.py CONFIG CHECKPOINT --out mine.png --image photo.jpg --fx 525

Image, gradients (G-Net), normalised map (N-Net), mean (MDR block) and depth (M-Net) stand side by
side. A frame of the config's test set has the ground truth with them, in the depth's colours; a
photograph has the point cloud, seen from the side.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from depthdecomp_mm.apis import DepthInferencer, as_result, view_point_cloud
from depthdecomp_mm.camera_command_line import (
    add_camera_options,
    check_camera,
    choose_camera,
    given_camera,
)
from depthdecomp_mm.command_line import add_config_options, run, whole_number
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.files import keep_inputs
from depthdecomp_mm.models.cameras import camera_scales
from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.visualization import (
    NEAR_IS_LARGE,
    NEAR_IS_SMALL,
    common_range,
    value_range,
)
from depthdecomp_mm.visualization.decomposition import SIGNED
from depthdecomp_mm.visualization.flow import Stage, draw_flow

PARTS = ('gradients', 'normalized', 'mean')


def read_frame(inferencer: DepthInferencer, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Read image (H, W, 3) uint8 BGR and truth (H, W) metres of a frame of the config's test set.

    The truth is NaN where nothing was measured.
    """
    load = [dict(type='LoadImageFromFile'), dict(type='LoadDepthAnnotation')]
    test_set = DATASETS.build(dict(inferencer.model.cfg.test_dataloader.dataset, pipeline=load))
    if not 0 <= index < len(test_set):
        raise ConfigError(f'--index {index}: the test set has frames 0 to {len(test_set) - 1}')
    frame = test_set[index]
    return frame['img'], np.where(frame['gt_valid_mask'], frame['gt_depth_map'], np.nan).squeeze()


def stages_of(
    image: np.ndarray, prediction: dict, mean_depth: float, limits: tuple[float, float], last: Stage
) -> list[list[Stage]]:
    """The pictures, column by column, ``last`` of them below the depth."""
    inverse = prediction['representation'] == 'inverse'
    steep = value_range(np.abs(prediction['gradients']))[1]
    signed = dict(cmap=SIGNED, limits=(-steep, steep), unit='σ/px')
    metres = dict(cmap=NEAR_IS_SMALL, limits=limits, unit='m')
    horizontal, vertical = prediction['gradients']
    normalized = prediction['normalized']
    near = NEAR_IS_LARGE if inverse else NEAR_IS_SMALL
    flat = np.full_like(prediction['depth'], mean_depth)
    words = f'{mean_depth:.2f} m'
    return [
        [Stage('Image', 'encoder', image[..., ::-1])],
        [
            Stage('Gradients, horizontal', 'G-Net', horizontal, **signed),
            Stage('Gradients, vertical', 'G-Net', vertical, **signed),
        ],
        [
            Stage('Normalised map', 'N-Net', normalized, near, value_range(normalized), 'σ'),
            Stage('Mean', 'MDR block', flat, text=words, **metres),
        ],
        [Stage('Metric depth', 'M-Net', prediction['depth'], **metres), last],
    ]


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of the config file')
    parser.add_argument('checkpoint', help='of a network with all three decoders')
    parser.add_argument('--out', required=True, type=Path, help='picture to write')
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        '--index', type=whole_number, default=0, help='frame of the test set; default: 0'
    )
    shown.add_argument('--image', help='photograph to predict in place of a frame')
    add_camera_options(parser)
    add_config_options(parser)
    args = parser.parse_args(argv)
    check_camera(parser, args)
    return args


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    keep_inputs([args.out], filter(None, [args.config, args.checkpoint, args.image]))
    inferencer = DepthInferencer(
        args.config,
        args.checkpoint,
        flip_test=False,  # the parts of one pass fit together
        outputs=PARTS,
        cfg_options=args.cfg_options,
        camera=given_camera(args),
        show_progress=False,
    )
    if args.image:
        image, truth = inferencer.read(args.image), np.empty(0)
    else:
        image, truth = read_frame(inferencer, args.index)
    sample = inferencer(args.image or image, return_datasamples=True)['predictions'][0]
    prediction, model = as_result(sample), inferencer.model
    depth = prediction['depth']
    scale = camera_scales([sample], model.canonical_focal, 'cpu')
    mean = model.decode(torch.tensor(prediction['mean']), scale).item()
    limits = common_range(depth, np.array([mean]), truth)
    if args.image:
        height, width = depth.shape
        camera = choose_camera(args)((width, height))
        view = view_point_cloud(depth, image, camera, (960, round(960 * height / width)))
        last = Stage('Point cloud', 'from the side', view[..., ::-1])
    else:
        last = Stage('Ground truth', 'grey: no value', truth, NEAR_IS_SMALL, limits, 'm')
    figure = draw_flow(stages_of(image, prediction, mean, limits, last))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(args.out)
    print(f'{args.out}: {args.image or f"frame {args.index}"}, mean {mean:.2f} m')


if __name__ == '__main__':
    run(main)
