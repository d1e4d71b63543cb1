"""A count that the worker processes of a loader share."""

from __future__ import annotations

import torch
from torch.utils.data import get_worker_info

MAX_WORKERS = 128


class SharedCount:
    """Counts in all worker processes; each has a place of its own in memory that they share."""

    def __init__(self) -> None:
        self._counts = torch.zeros(MAX_WORKERS, dtype=torch.int64).share_memory_()

    def add(self) -> int:
        """Count one more; returns what this process has counted."""
        worker = get_worker_info()
        place = worker.id % MAX_WORKERS if worker else 0
        self._counts[place] += 1
        return int(self._counts[place])

    @property
    def total(self) -> int:
        """What all processes have counted."""
        return int(self._counts.sum())
