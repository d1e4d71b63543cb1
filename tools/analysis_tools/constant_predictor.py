"""Evaluate the constant predictor: the mean depth of the training set, for every pixel."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
import yaml
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.command_line import add_config_options, run
from depthdecomp_mm.configs import read_config, section
from depthdecomp_mm.datasets.walking import first_metric_set
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.evaluation import KendallTau
from depthdecomp_mm.progress import Progress
from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.reporting.results import gather_results

COLUMNS = ('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau', 'whdr')


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the config file')
    parser.add_argument(
        '--beside', metavar='FILE', help='.json or .yaml of metrics that tools/test.py --out wrote'
    )
    add_config_options(parser)
    return parser.parse_args(argv)


Row = tuple[str, Mapping[str, float]]


def read_metrics(path: str) -> list[Row]:
    """Metrics by their names, and the ends of their intervals.

    Raises:
        UserError: If it is not a file of metrics.
    """
    content = Path(path).read_bytes()
    try:
        text = content.decode()
        metrics = yaml.safe_load(text) if path.endswith(('.yaml', '.yml')) else json.loads(text)
    except (ValueError, yaml.YAMLError) as error:
        raise UserError(f'{path}: expected JSON or YAML: {error}') from error
    numbers = isinstance(metrics, dict) and {k: metrics[k] for k in COLUMNS if k in metrics}
    if not numbers or not all(isinstance(v, (int, float)) for v in numbers.values()):
        raise UserError(f'{path}: expected metrics, of {COLUMNS}, by name')
    return [(path, numbers), *interval_rows(metrics.get('intervals') or {})]


def interval_rows(intervals: Mapping[str, Sequence[float]]) -> list[Row]:
    """The ends of 95 % intervals over images, where there are any."""
    ends = ('  95 % from', '  to')
    rows = [(end, {k: v[i] for k, v in intervals.items()}) for i, end in enumerate(ends)]
    return rows if intervals else []


def mean_depth(cfg: Config) -> float:
    """Mean of the training set, or the first metric one of a mixture, in metres."""
    total, pixels = 0.0, 0
    config = section(cfg, 'train_dataloader.dataset')
    training_set = first_metric_set(config, [dict(type='LoadDepthAnnotation')])
    bar = Progress(len(training_set))
    for i in range(len(training_set)):
        sample = training_set[i]
        total += sample['gt_depth_map'].sum(dtype='float64')
        pixels += sample['gt_valid_mask'].sum()
        bar.update()
    bar.close()
    if not pixels:
        raise UserError(f'{cfg.filename}: no pixel of the training set is valid')
    return total / pixels


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    rows = read_metrics(args.beside) if args.beside else []
    cfg = phase_config(read_config(args.config, args.cfg_options))
    init_default_scope('depthdecomp_mm')
    test_set = DATASETS.build(section(cfg, 'test_dataloader.dataset'))
    evaluator = Evaluator(section(cfg, 'test_evaluator'))
    # a constant map orders nothing, so that there would be a warning for no image having a number
    evaluator.metrics = [m for m in evaluator.metrics if not isinstance(m, KendallTau)]
    mean = mean_depth(cfg)
    evaluator.dataset_meta = test_set.metainfo
    for data in test_set:
        truth = data['data_samples'].gt_depth_map.data
        data['data_samples'].pred_depth_map = PixelData(data=torch.full_like(truth, mean))
        evaluator.process([data['data_samples']], data)
    rows.append((f'constant ({mean:.3f} m)', evaluator.evaluate(len(test_set))))
    rows += interval_rows(gather_results(evaluator.metrics, {}, {})['intervals'])
    print_table(rows)


def print_table(rows: Sequence[Row]) -> None:
    width = max(len(name) for name, _ in rows)
    print('\n' + ' ' * width + ''.join(f'{name:>9}' for name in COLUMNS))
    for name, metrics in rows:
        values = (metrics.get(column, math.nan) for column in COLUMNS)
        print(
            f'{name:<{width}}'
            + ''.join('        -' if math.isnan(v) else f'{v:9.3f}' for v in values)
        )


if __name__ == '__main__':
    run(main)
