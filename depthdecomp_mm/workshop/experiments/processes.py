"""Processes that end together."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from depthdecomp_mm.errors import UserError


class RunError(UserError):
    """A run that failed or cannot be started."""


@dataclass(frozen=True)
class Ended:
    """How a process ended, what it took, and where its output is."""

    status: int
    seconds: float
    cpu_seconds: float
    log: Path

    def check(self) -> None:
        """Raise a :class:`RunError` if it did not end well."""
        if self.status:
            raise RunError(f'exit status {self.status}; see {self.log}')


@dataclass
class Processes:
    """Processes that run now, so that they can be ended together."""

    running: set = field(default_factory=set)
    ended: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, command: list[str], log: Path, gpus: tuple[str, ...], lock: int) -> Ended:
        """Run a command, its output appended to ``log``; ``lock`` stays held while it lives."""
        env = dict(os.environ)
        env.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
        if gpus:
            env['CUDA_VISIBLE_DEVICES'] = ','.join(gpus)
        with log.open('ab') as output:
            with self.lock:
                if self.ended:
                    raise RunError('stopped')
                start = time.monotonic()
                # in a session of its own, so that Ctrl-C comes as :meth:`end`, which lets it save
                process = subprocess.Popen(
                    command, stdout=output, stderr=output, env=env, pass_fds=(lock,),
                    start_new_session=True,
                )  # fmt: skip
                self.running.add(process)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        with self.lock:
            self.running.discard(process)
        seconds = time.monotonic() - start
        return Ended(process.returncode, seconds, usage.ru_utime + usage.ru_stime, log)

    def end(self) -> None:
        """Ask all to end (training saves a checkpoint first) and start no other."""
        with self.lock:
            self.ended = True
            for process in self.running:
                process.terminate()
