"""Show how fast the package is, side by side with what one would run instead.

    benchmark.py {predict,train,loader,evaluate,fill,startup} [--json FILE] ...

Each subcommand measures in one process, repetitions of all candidates taking turns; ratios are
taken within a round and given with their quartiles. The first row is the baseline. Weights are
random, nothing is downloaded. Baselines need `pip install depthdecomp_mm[benchmark]`.
"""

from __future__ import annotations

import logging
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

import torch

from depthdecomp_mm.command_line import device, output_file, positive_int, run

sys.path.insert(0, str(Path(__file__).resolve().parent))

from benchmarks import evaluate, fill, loader, predict, startup, train  # noqa: E402

SUBCOMMANDS = dict(
    predict=predict, train=train, loader=loader, evaluate=evaluate, fill=fill, startup=startup
)


def main(argv: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    subparsers = parser.add_subparsers(dest='subcommand', required=True)
    for name, module in SUBCOMMANDS.items():
        subparser = subparsers.add_parser(
            name, description=module.__doc__, formatter_class=RawDescriptionHelpFormatter,
            help=module.__doc__.splitlines()[0],
        )  # fmt: skip
        subparser.add_argument(
            '--rounds', type=positive_int, default=module.ROUNDS, help='that count'
        )
        subparser.add_argument('--warmup', type=positive_int, default=1, help='rounds before')
        if module in (predict, train):
            subparser.add_argument(
                '--device', type=device, default='cpu', help='such as cpu or cuda'
            )
        subparser.add_argument(
            '--threads', type=positive_int, help="of the CPU (default: PyTorch's choice)"
        )
        subparser.add_argument('--json', type=output_file, help='file to write the table to')
        module.add_arguments(subparser)
    args = parser.parse_args(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    SUBCOMMANDS[args.subcommand].run(args)
    return 0


if __name__ == '__main__':
    logging.disable(logging.WARNING)  # what building a model tells
    run(main)
