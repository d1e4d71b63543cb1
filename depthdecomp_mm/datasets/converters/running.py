"""What the converters' command lines have in common."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

import cv2

from ... import command_line
from ...errors import SampleError
from ...progress import Progress
from .inspection import Outcome

Item = TypeVar('Item')


def add_common_arguments(parser: ArgumentParser, out_help: str, out_required: bool = True) -> None:
    """Add ``--out``, ``--workers`` and ``--limit``."""
    parser.add_argument('--out', type=Path, required=out_required, help=out_help)
    parser.add_argument(
        '--workers', type=int, default=os.cpu_count(), help='processes; default: one for each core'
    )
    parser.add_argument(
        '--limit',
        type=int,
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
    attempt = partial(_attempt, function)
    workers = max(1, min(workers, len(items)))
    print(f'{label}: {len(items)} with {workers} worker{"s" * (workers > 1)}', file=sys.stderr)
    if not items:
        return []
    if workers == 1:
        return _with_progress(map(attempt, items), len(items))
    pool = ProcessPoolExecutor(workers, _context(), initializer=_start_worker)
    try:
        return _with_progress(pool.map(attempt, items), len(items))
    finally:
        pool.shutdown(cancel_futures=True)


def _attempt(function: Callable[[Item], Outcome], item: Item) -> Outcome:
    try:
        return function(item)
    except SampleError as error:
        return Outcome(problem=str(error))


def _with_progress(outcomes, total: int) -> list[Outcome]:
    bar = Progress(total)
    done = []
    for outcome in outcomes:
        done.append(outcome)
        bar.update()
    bar.close()
    return done


def _context() -> multiprocessing.context.BaseContext:
    # A plain fork may hang, since the threads of OpenCV and torch do not come along. The fork
    # server starts without any and imports the package once for all workers.
    if 'forkserver' not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context('spawn')
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload([__name__])
    return context


def _start_worker() -> None:
    """One thread a worker; the terminal's Ctrl-C is the parent's to handle."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A parent that was killed can no longer tell its workers to stop.
    multiprocessing.parent_process().join()
    os._exit(1)


def run(main: Callable[[], int]) -> NoReturn:
    """Run a converter and leave with its exit status: 0 if no pair is missing, 1 if some are.

    See :func:`depthdecomp_mm.command_line.run` for bad input and interruption.
    """
    command_line.run(main, 'the same command continues where this one ended')
