"""SIGTERM, which clusters send some seconds before they kill, and Ctrl-C."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import torch
from mmengine.dist import all_reduce, get_world_size
from torch.utils.data import DataLoader

EXIT_STATUS = 128 + signal.SIGTERM


class TerminationRequest:
    """Context in which SIGTERM is noted rather than obeyed.

    Schedulers send it to every process of a job, also to the workers of data loaders, which
    training needs up to its next step: see :meth:`spare_workers`. Ctrl-C is obeyed at once, or by
    :meth:`obey_interruption`, as Python drops what is raised while a worker is forked.
    """

    def __init__(self) -> None:
        self.received = self.interrupted = False
        self._in_context = multiprocessing.Value('b', 0, lock=False)

    def __enter__(self) -> TerminationRequest:
        self._process = os.getpid()
        self._main_thread = threading.current_thread() is threading.main_thread()
        self._in_context.value = 1
        if self._main_thread:  # Python lets no other thread set handlers
            self._previous = {
                signal.SIGTERM: signal.signal(signal.SIGTERM, self._handle),
                signal.SIGINT: signal.signal(signal.SIGINT, self._interrupt),
            }
        return self

    def __exit__(self, *_) -> None:
        self._in_context.value = 0
        if self._main_thread:
            for signum, handler in self._previous.items():
                signal.signal(signum, handler)

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if os.getpid() == self._process:  # and not a worker that is just being forked
            self.received = True

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:
        self.interrupted = True
        raise KeyboardInterrupt

    def obey_interruption(self) -> None:
        """Raise the KeyboardInterrupt that was dropped, if one was."""
        if self.interrupted:
            raise KeyboardInterrupt

    def spare_workers(self, loader: DataLoader) -> None:
        """Let the workers that a data loader will start obey only when the context is left."""
        loader.worker_init_fn = partial(_init_worker, loader.worker_init_fn, self._in_context)

    def any_rank(self) -> bool:
        """Whether any rank received it; every rank must ask at the same time."""
        if get_world_size() == 1:
            return self.received
        flag = torch.tensor(int(self.received))
        all_reduce(flag, 'max')
        return bool(flag)


def _init_worker(init: Callable | None, in_context: Any, worker_id: int) -> None:
    if init is not None:
        init(worker_id)
    # in place of PyTorch's, which ends the worker and with it training
    signal.signal(signal.SIGTERM, lambda *_: None if in_context.value else os._exit(0))
