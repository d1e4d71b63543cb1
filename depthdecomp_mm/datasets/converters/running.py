"""What the converters' command lines have in common."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

from ... import command_line, parallel
from ...command_line import positive_int
from ...errors import SampleError
from .inspection import Outcome

Item = TypeVar('Item')


def add_common_arguments(parser: ArgumentParser, out_help: str, out_required: bool = True) -> None:
    """Add ``--out``, ``--workers`` and ``--limit``."""
    parser.add_argument('--out', type=Path, required=out_required, help=out_help)
    parser.add_argument(
        '--workers',
        type=positive_int,
        default=os.cpu_count(),
        help='processes; default: one for each core',
    )
    parser.add_argument(
        '--limit',
        type=positive_int,
        metavar='N',
        help='take the first N pairs of each part, for a trial; replaces no longer list',
    )


def parallel_map(
    function: Callable[[Item], Outcome], items: Sequence[Item], workers: int, label: str
) -> list[Outcome]:
    """Apply a function to all items in several processes, with a progress bar.

    Args:
        function: Of one item; what :class:`SampleError` it raises becomes the outcome's problem.
        items: Its arguments; both must be picklable if there is more than one worker.
        workers: Number of processes; 1 stays in this one.
        label: What is done, printed before the bar.

    Returns:
        The outcomes in the items' order.
    """
    workers = max(1, min(workers, len(items)))
    print(f'{label}: {len(items)} with {workers} worker{"s" * (workers > 1)}', file=sys.stderr)
    outcomes = parallel.parallel_map(partial(_attempt, function), items, workers, __name__)
    return list(parallel.with_progress(outcomes, len(items)))


def _attempt(function: Callable[[Item], Outcome], item: Item) -> Outcome:
    try:
        return function(item)
    except SampleError as error:
        return Outcome(problem=str(error))


def run(main: Callable[[], int]) -> NoReturn:
    """Run a converter and leave with its exit status: 0 if no pair is missing, 1 if some are.

    See :func:`depthdecomp_mm.command_line.run` for bad input and interruption.
    """
    command_line.run(main, 'the same command continues where this one ended')
