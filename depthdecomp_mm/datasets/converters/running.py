"""A converter's work on each pair, in several processes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from depthdecomp_mm import parallel
from depthdecomp_mm.errors import SampleError

from .inspection import Outcome

Item = TypeVar('Item')


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
