"""Evaluate the constant predictor: the mean depth of the training set, for every pixel."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.apis.constant import constant_metrics
from depthdecomp_mm.command_line import add_config_options, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.reporting.results import read_numbers

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
    numbers, intervals = read_numbers(path)
    if not numbers.keys() & set(COLUMNS):
        raise UserError(f'{path}: expected metrics, of {COLUMNS}, by name')
    return [(path, numbers), *interval_rows(intervals)]


def interval_rows(intervals: Mapping[str, Sequence[float]]) -> list[Row]:
    """The ends of 95 % intervals over images, where there are any."""
    ends = ('  95 % from', '  to')
    rows = [(end, {k: v[i] for k, v in intervals.items()}) for i, end in enumerate(ends)]
    return rows if intervals else []


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    rows = read_metrics(args.beside) if args.beside else []
    cfg = phase_config(read_config(args.config, args.cfg_options))
    mean, metrics, intervals = constant_metrics(cfg)
    rows += [(f'constant ({mean:.3f} m)', metrics), *interval_rows(intervals)]
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
