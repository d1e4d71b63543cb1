"""What the command lines of the converters share."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from . import command_line
from .command_line import add_workers, positive_int


def add_common_arguments(parser: ArgumentParser, out_help: str, out_required: bool = True) -> None:
    """Add ``--out``, ``--workers`` and ``--limit``."""
    parser.add_argument('--out', type=Path, required=out_required, help=out_help)
    add_workers(parser)
    parser.add_argument(
        '--limit',
        type=positive_int,
        metavar='N',
        help='take the first N pairs of each part, for a trial; replaces no longer list',
    )


def run(main: Callable[[], int]) -> NoReturn:
    """Run a converter and leave with its exit status: 0 if no pair is missing, 1 if some are.

    See :func:`depthdecomp_mm.command_line.run` for bad input and interruption.
    """
    command_line.run(main, 'the same command continues where this one ended')
