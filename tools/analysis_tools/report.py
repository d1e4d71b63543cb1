"""Make one page of the reports of two tests, side by side, and say which network is better."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.command_line import run
from depthdecomp_mm.reporting import page
from depthdecomp_mm.reporting.words import comparison_table


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'reports', nargs='+', help='one or two folders that tools/test.py --report wrote'
    )
    parser.add_argument('--out', required=True, metavar='DIR', help='folder for the page')
    parser.add_argument('--names', nargs='+', help="of the runs; default: the folders' names")
    args = parser.parse_args(argv)
    args.names = args.names or [Path(folder).resolve().name for folder in args.reports]
    if len(args.reports) > 2:
        parser.error(f'expected one or two reports, found {len(args.reports)}')
    if len({*args.names}) != len(args.reports):
        parser.error(f'--names: expected a different one for each report, found {args.names}')
    if any('/' in name or name.startswith('.') for name in args.names):
        parser.error(f'--names: expected names that folders may have, found {args.names}')
    if Path(args.out).resolve() in {Path(folder).resolve() for folder in args.reports}:
        parser.error('--out: expected another folder than those that are read')
    return args


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    compared = page.combine(args.out, dict(zip(args.names, args.reports, strict=True)))
    if compared:
        print(comparison_table(*args.names, compared))
    print(f'Open {args.out}/index.html in a browser')


if __name__ == '__main__':
    run(main)
