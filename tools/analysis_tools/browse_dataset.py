"""Draw what the network is fed and compared with, after augmentation.

A panel a sample: image, depth (or disparity) and mask at the network's input size; m, N, Gx, Gy
and mu at its output size, as the losses see them. Samples are taken at even distances from each
data set of the config.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from depthdecomp_mm.command_line import add_config_options, positive_int, whole_number
from depthdecomp_mm.configs import read_config, section
from depthdecomp_mm.converter_command_line import run
from depthdecomp_mm.datasets.checking import PARTS, datasets_of
from depthdecomp_mm.datasets.converters.writing import write_image
from depthdecomp_mm.engine.hooks.visualization_hook import panel_names
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.registry import DATASETS, MODELS
from depthdecomp_mm.structures import is_relative
from depthdecomp_mm.visualization.targets import draw_targets


def build_model(cfg: Config) -> DepthDecomposer:
    """The config's model without memory: only its way to decompose the ground truth is used."""
    section(cfg, 'model.encoder').pretrained = False
    with torch.device('meta'):
        return MODELS.build(cfg.model)


def draw(model: DepthDecomposer, data: dict) -> np.ndarray:
    """The panel of one item of a data set, (H, W, 3) uint8 RGB."""
    inputs, sample = data['inputs'], data['data_samples']
    size = tuple(-(-side // 2) for side in inputs.shape[-2:])  # of the network's outputs
    return draw_targets(
        inputs.numpy()[::-1].transpose(1, 2, 0),
        sample.gt_depth_map.data[0].numpy(),
        sample.gt_valid_mask.data[0].numpy(),
        model.targets([sample], size),
        relative=is_relative(sample),
        representation=model.codec.representation,
    )


def parse_args(argv: Sequence[str] | None):
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('config', help='path of the config file')
    parser.add_argument('--out-dir', type=Path, required=True, help='folder for the panels')
    parser.add_argument(
        '--number', type=positive_int, default=8, help='panels of a data set; default: 8'
    )
    parser.add_argument('--part', choices=PARTS, default='train', help='default: train')
    parser.add_argument(
        '--seed', type=whole_number, default=0, help='of the augmentation; default: 0'
    )
    parser.add_argument('--phase', help='data of this phase of the config; default: the last')
    add_config_options(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    cfg = phase_config(read_config(args.config, args.cfg_options), args.phase)
    init_default_scope(cfg.get('default_scope', 'depthdecomp_mm'))
    model = build_model(cfg)
    np.random.seed(args.seed)
    configs = datasets_of(cfg, args.part)
    if not configs:
        raise ConfigError(f'{args.config}: has no {args.part}_dataloader to draw samples of')
    types = [config['type'] for config in configs]
    for position, config in enumerate(configs):
        # two cameras may have images of the same names
        label = config['type'] + str(position) * (types.count(config['type']) > 1)
        dataset = DATASETS.build(config)
        count = min(args.number, len(dataset))
        for index in np.linspace(0, len(dataset) - 1, count).round().astype(int):
            data = dataset[int(index)]
            img_path = data['data_samples'].metainfo['img_path']
            name = panel_names([img_path])[img_path]
            path = args.out_dir / f'{label}_{index:05d}_{name}.png'
            write_image(path, draw(model, data)[..., ::-1])
            print(path)
    return 0


if __name__ == '__main__':
    run(main)
