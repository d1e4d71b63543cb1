"""Say which of several models is better, and draw the frames where they differ most.

A row shows the image, the ground truth, and each model's prediction and absolute error; all depth
maps of a row share one colour range, and all errors another. Models are compared image by image,
each with the first; of `--results`, which tools/test.py wrote, two are compared in all metrics.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.apis import init_model
from depthdecomp_mm.command_line import device, output_file, positive_int, run
from depthdecomp_mm.configs import metric_configs, read_config, section
from depthdecomp_mm.datasets.converters.writing import write_image
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.evaluation import DepthMetric
from depthdecomp_mm.evaluation.uncertainty import compare_paired
from depthdecomp_mm.files import keep_inputs
from depthdecomp_mm.registry import DATASETS, METRICS
from depthdecomp_mm.reporting.results import compare_results, read_results
from depthdecomp_mm.reporting.words import comparison_table
from depthdecomp_mm.structures import is_relative
from depthdecomp_mm.visualization.colormap import (
    NEAR_IS_SMALL,
    colorize,
    common_range,
    value_range,
)
from depthdecomp_mm.visualization.panel import ColorBar, Tile, draw_panel

DEPTH_COLORS, ERROR_COLORS = NEAR_IS_SMALL, 'OrRd'


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--model',
        nargs=3,
        action='append',
        default=[],
        metavar=('NAME', 'CONFIG', 'CHECKPOINT'),
        help='give it once for each model; the frames are those of the first one',
    )
    parser.add_argument(
        '--results',
        nargs=2,
        metavar='FILE',
        help='compare what tools/test.py --out wrote of two models, and draw nothing',
    )
    parser.add_argument('--out', type=output_file, help='.png or .jpg to write')
    parser.add_argument('--frames', type=positive_int, default=4, help='number of rows; default: 4')
    parser.add_argument('--indices', type=int, nargs='+', help='these frames of the test set')
    parser.add_argument(
        '--width', type=picture_width, default=200, help='of a picture; default: 200 pixels'
    )
    parser.add_argument('--device', type=device, default='cpu')
    args = parser.parse_args(argv)
    if bool(args.results) == bool(args.model):
        parser.error('expected either --model for each model or --results')
    if args.results:
        return args
    names = [name for name, _, _ in args.model]
    if len(set(names)) < len(names):
        parser.error(f'--model: expected different names, found {names}')
    if args.out is None or args.out.suffix not in ('.png', '.jpg'):
        parser.error(f'--out: expected a .png or .jpg file, found {args.out}')
    keep_inputs([args.out], [path for model in args.model for path in model[1:]])
    return args


def picture_width(text: str) -> int:
    """An argument's type: pixels that leave room for a scale and words."""
    if positive_int(text) < 64:
        raise argparse.ArgumentTypeError(f'expected at least 64, found {text}')
    return int(text)


def load_model(name: str, config: str, checkpoint: str, device: str):
    """A model that averages with the mirrored image."""
    cfg = read_config(config)
    model = init_model(cfg, checkpoint, device, cfg_options={'model.test_cfg.flip_test': True})
    if 'metric' not in model.outputs:
        raise UserError(f'{name}: expected a model that gives metres, found {model.outputs}')
    return model


def depth_metric(cfg: Config) -> DepthMetric:
    """The config's own, which knows the range and the crop that are evaluated."""
    configs = metric_configs(cfg.get('test_evaluator'))
    built = [METRICS.build(one) for one in configs if one['type'].endswith('DepthMetric')]
    return built[0] if built else DepthMetric()


@torch.inference_mode()
def predict(model, data: dict) -> np.ndarray:
    """Depth of a frame, (H, W) float32 metres, averaged with the mirrored image's."""
    (sample,) = model.test_step(pseudo_collate([data]))
    return sample.pred_depth_map.data[0].cpu().numpy()


def test_set(cfg: Config, frames: dict):
    """The frames through the config's own pipeline."""
    pipeline = section(cfg, 'test_dataloader.dataset').get('pipeline')
    found = DATASETS.build(frames if pipeline is None else dict(frames, pipeline=pipeline))
    if not len(found) or is_relative(found.get_data_info(0)):
        raise UserError(f'{cfg.filename}: expected a test set of metric depth, found {found}')
    return found


def check_indices(indices: Sequence[int], count: int) -> None:
    if not all(0 <= index < count for index in indices):
        raise UserError(f'--indices: expected 0 to {count - 1}, found {indices}')


def truth_of(data: dict) -> tuple[np.ndarray, np.ndarray]:
    """Ground truth in metres and the mask of what was measured, both (H, W)."""
    sample = data['data_samples']
    return sample.gt_depth_map.data[0].numpy(), sample.gt_valid_mask.data[0].numpy().astype(bool)


def rel(depth: np.ndarray, data: dict, metric: DepthMetric) -> float:
    """Mean absolute relative error of one frame, in the config's range and crop."""
    sample = {**data['data_samples'].to_dict(), 'pred_depth_map': depth}
    return metric.measure(metric.protocol.select(sample, 'pred_depth_map'))['abs_rel']


def row(data: dict, depths: dict[str, np.ndarray], metric: DepthMetric) -> list[Tile]:
    """The tiles of one frame."""
    truth, valid = truth_of(data)
    limits = common_range(*(values[valid] for values in (truth, *depths.values())))
    errors = {name: np.abs(depth - truth) for name, depth in depths.items()}
    worst = max(value_range(error[valid])[1] for error in errors.values())

    def depth_tile(title: str, values: np.ndarray, invalid: np.ndarray | None = None) -> Tile:
        picture = colorize(values, *limits, DEPTH_COLORS, invalid)
        return Tile(title, picture, ColorBar(DEPTH_COLORS, *limits, 'm'))

    image = data['inputs'].numpy()[::-1].transpose(1, 2, 0)
    tiles = [Tile('Image', image, smooth=True), depth_tile('Ground truth', truth, ~valid)]
    for name, depth in depths.items():
        tiles.append(depth_tile(name, depth))
        picture = colorize(errors[name], 0, worst, ERROR_COLORS, ~valid)
        bar = ColorBar(ERROR_COLORS, 0, worst, 'm')
        tiles.append(Tile(f'error, REL {rel(depth, data, metric):.3f}', picture, bar))
    return tiles


def say_which_is_better(rels: dict[str, list[float]]) -> None:
    """Compare each model with the first, by the REL of each frame."""
    (first, ours), *others = rels.items()
    for name, theirs in others:
        compared = dict(abs_rel=compare_paired(ours, theirs, higher_is_better=False))
        print(comparison_table(first, name, compared))


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    if args.results:
        compared = compare_results(*map(read_results, args.results))
        print(comparison_table(*map(str, args.results), compared))
    else:
        draw(args)


def draw(args: argparse.Namespace) -> None:
    """Predict with all models, and draw the frames where they differ."""
    models = {model[0]: load_model(*model, args.device) for model in args.model}
    init_default_scope('depthdecomp_mm')
    cfg = next(iter(models.values())).cfg
    metric, frames = depth_metric(cfg), section(cfg, 'test_dataloader.dataset')
    sets = {name: test_set(model.cfg, frames) for name, model in models.items()}
    metric.dataset_meta = next(iter(sets.values())).metainfo
    indices = args.indices or []
    check_indices(indices, len(next(iter(sets.values()))))
    if not indices:
        rels = {
            name: [rel(predict(m, data), data, metric) for data in sets[name]]
            for name, m in models.items()
        }
        say_which_is_better(rels)
        indices = np.argsort(-np.ptp([*rels.values()], axis=0))[: args.frames].tolist()
    tiles = []
    for index in indices:
        depths = {name: predict(model, sets[name][index]) for name, model in models.items()}
        tiles += row(next(iter(sets.values()))[index], depths, metric)
    write_image(args.out, draw_panel(tiles, 2 + 2 * len(models), args.width)[..., ::-1])
    print(f'{args.out}: frames {indices}')


if __name__ == '__main__':
    run(main)
