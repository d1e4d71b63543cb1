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
from mmengine.dist import get_world_size
from torch import Tensor, distributed
from torch.distributed import Work
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
        self._asked: tuple[Work, Tensor] | None = None
        # of its own: that of the GPUs' backend would make each answer wait for them
        self._group = distributed.new_group(backend='gloo') if get_world_size() > 1 else None
        if self._main_thread:  # Python lets no other thread set handlers
            self._previous = {
                signal.SIGTERM: signal.signal(signal.SIGTERM, self._handle),
                signal.SIGINT: signal.signal(signal.SIGINT, self._interrupt),
            }
        return self

    def __exit__(self, error: type[BaseException] | None, *_) -> None:
        self._in_context.value = 0
        if self._group is not None and error in (None, SystemExit):  # else ranks may wait in it
            self._answer()
            distributed.destroy_process_group(self._group)
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
        """Whether any rank has received it; every rank must ask at the same time."""
        if self._group is None:
            return self.received
        self._answer()
        self._ask()
        return self._answer()

    def any_rank_before(self) -> bool:
        """Whether any rank had received it when all asked the last time, which all do together.

        The ranks answer each other while they train, on the CPU, so that none waits for the others
        or for its GPU. One rank alone gets its answer at once.
        """
        if self._group is None:
            return self.received
        answer = self._answer()
        self._ask()
        return answer

    def _ask(self) -> None:
        flag = torch.tensor(int(self.received))
        work = distributed.all_reduce(flag, distributed.ReduceOp.MAX, self._group, async_op=True)
        self._asked = work, flag

    def _answer(self) -> bool:
        if self._asked is None:
            return False
        (work, flag), self._asked = self._asked, None
        work.wait()
        return bool(flag)


def _init_worker(init: Callable | None, in_context: Any, worker_id: int) -> None:
    if init is not None:
        init(worker_id)
    # in place of PyTorch's, which ends the worker and with it training
    signal.signal(signal.SIGTERM, lambda *_: None if in_context.value else os._exit(0))
