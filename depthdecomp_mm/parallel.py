"""A function of many items, in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import cv2

from .mmengine_internals import processes_of
from .progress import Progress

Item = TypeVar('Item')
Result = TypeVar('Result')


def parallel_map(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    preload: str,
    chunksize: int = 1,
) -> Iterator[Result]:
    """Apply a function to all items; the results come in the items' order.

    An error, an interruption, or an end of the iteration before the last result ends the workers
    at once, in the middle of an item.

    Args:
        function: Of one item.
        items: Its arguments; both must be picklable if there is more than one worker.
        workers: Number of processes; 1 stays in this one.
        preload: Module that is imported once for all workers.
        chunksize: Items that a worker is handed at once.

    Raises:
        BrokenExecutor: If a worker dies.
    """
    workers = min(workers, len(items))
    if workers <= 1:
        yield from map(function, items)
        return
    pool = ProcessPoolExecutor(workers, _context(preload), initializer=_start_worker)
    try:
        with _interruption_held_back():
            results = pool.map(function, items, chunksize=chunksize)
        yield from results
    except BaseException:
        _end(pool)
        raise
    pool.shutdown()


@contextmanager
def _interruption_held_back() -> Iterator[None]:
    """Processes that are started here never see Ctrl-C, not even while they import."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(pool: ProcessPoolExecutor) -> None:
    # A second Ctrl-C would leave workers behind, for which the interpreter waits when it ends.
    in_main_thread = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main_thread else None
    for process in processes_of(pool):
        process.kill()
    pool.shutdown(cancel_futures=True)
    if in_main_thread:
        signal.signal(signal.SIGINT, handler)


def _context(preload: str) -> multiprocessing.context.BaseContext:
    # A plain fork may hang, since the threads of OpenCV and torch do not come along. The fork
    # server starts without any and imports the package once for all workers.
    if 'forkserver' not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context('spawn')
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload([preload])
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


def with_progress(results: Iterable[Result], total: int) -> Iterator[Result]:
    """Pass results on and show how far they are."""
    bar = Progress(total)
    for result in results:
        yield result
        bar.update()
    bar.close()
