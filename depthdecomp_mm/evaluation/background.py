"""Work that goes on in threads while the network predicts."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from mmengine.dist import get_world_size

MOST_THREADS = 8


class Background:
    """Calls a function of one argument after another in threads; results keep their order.

    Threads suffice, since NumPy and SciPy let go of Python's lock where they compute. Few calls
    wait at a time, so that few arguments are held in memory. The threads end when the results are
    taken, or with an error.

    Args:
        threads: Number of threads.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: deque[Future] = deque()
        self._done: list = []

    def call(self, function: Callable[[Any], Any], argument: Any) -> None:
        """Call the function some time; an error of an earlier call is raised here or later."""
        self._collect(2 * self.threads - 1)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, type(self).__name__)
        self._waiting.append(self._pool.submit(function, argument))

    def take(self) -> list:
        """Wait for all calls, and hand over their results in the order of the calls."""
        self._collect(0)
        self._end()
        results, self._done = self._done, []
        return results

    def _collect(self, still_waiting: int) -> None:
        """Collect what is done, and wait until few enough calls are not."""
        try:
            while len(self._waiting) > still_waiting or (self._waiting and self._waiting[0].done()):
                self._done.append(self._waiting.popleft().result())
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        self._waiting.clear()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def threads_of_this_process() -> int:
    """Cores that this process may use, shared between the processes of a distributed run."""
    available = getattr(os, 'sched_getaffinity', None)  # Linux alone has it
    cores = len(available(0)) if available else os.cpu_count() or 1
    processes = int(os.environ.get('LOCAL_WORLD_SIZE', get_world_size()))
    return min(max(cores // processes, 1), MOST_THREADS)


def on_host(value: Any) -> Any:
    """A value, or a mapping of values, with its tensors in the host's memory."""
    if isinstance(value, Mapping):
        return {key: on_host(part) for key, part in value.items()}
    return value.cpu() if hasattr(value, 'cpu') else value
