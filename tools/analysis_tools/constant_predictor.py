"""Evaluate the constant predictor: the mean depth of the training set, for every pixel."""

from __future__ import annotations

import argparse
import math

import mmengine
import torch
from mmengine.config import Config, DictAction
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.datasets.checking import leaf_datasets
from depthdecomp_mm.engine.launch import last_phase
from depthdecomp_mm.progress import Progress
from depthdecomp_mm.registry import DATASETS

COLUMNS = ('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau', 'whdr')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the config file')
    parser.add_argument('--beside', metavar='FILE', help='metrics that tools/test.py --out wrote')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='override settings')
    return parser.parse_args()


def metric_training_set(cfg: Config):
    """The training set, or the first one of a mixture, each image once, depth maps only."""
    first = next(leaf_datasets(cfg.train_dataloader.dataset))
    return DATASETS.build(dict(first, pipeline=[dict(type='LoadDepthAnnotation')]))


def main() -> None:
    args = parse_args()
    cfg = last_phase(Config.fromfile(args.config))
    cfg.merge_from_dict(args.cfg_options or {})
    init_default_scope('depthdecomp_mm')

    total, pixels = 0.0, 0
    training_set = metric_training_set(cfg)
    bar = Progress(len(training_set))
    for i in range(len(training_set)):
        sample = training_set[i]
        total += sample['gt_depth_map'].sum(dtype='float64')
        pixels += sample['gt_valid_mask'].sum()
        bar.update()
    bar.close()
    mean = total / pixels

    test_set = DATASETS.build(cfg.test_dataloader.dataset)
    evaluator = Evaluator(cfg.test_evaluator)
    evaluator.dataset_meta = test_set.metainfo
    for data in test_set:
        truth = data['data_samples'].gt_depth_map.data
        data['data_samples'].pred_depth_map = PixelData(data=torch.full_like(truth, mean))
        evaluator.process([data['data_samples']], data)
    rows = {f'constant ({mean:.3f} m)': evaluator.evaluate(len(test_set))}
    if args.beside:
        rows = {args.beside: mmengine.load(args.beside), **rows}
    print_table(rows)


def print_table(rows: dict[str, dict]) -> None:
    width = max(map(len, rows))
    print('\n' + ' ' * width + ''.join(f'{name:>9}' for name in COLUMNS))
    for name, metrics in rows.items():
        values = (metrics.get(column, math.nan) for column in COLUMNS)
        print(
            f'{name:<{width}}'
            + ''.join('        -' if math.isnan(v) else f'{v:9.3f}' for v in values)
        )


if __name__ == '__main__':
    main()
