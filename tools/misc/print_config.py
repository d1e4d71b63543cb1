"""Print what a phase of a config really runs: bases, options and the phase's overlay merged."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from depthdecomp_mm.command_line import add_config_options, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine.phases import phase_config, read_phases


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the config file, or the name of a shipped one')
    parser.add_argument('--phase', help='print this phase (default: all, one after another)')
    add_config_options(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    cfg = read_config(args.config, args.cfg_options)
    for name in read_phases(cfg) if args.phase is None else [args.phase]:
        print(f'# {args.config}, {name or "without phases"}')
        print(phase_config(cfg, name).pretty_text)


if __name__ == '__main__':
    run(main)
