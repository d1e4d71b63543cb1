"""One training at a time in a work directory."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.dist import is_main_process
from mmengine.logging import print_log

from depthdecomp_mm.errors import UserError

LOCK = '.train.lock'
_held: set[str] = set()


@contextmanager
def only_training(work_dir: str) -> Iterator[None]:
    """Keep other trainings out of a work directory, which must exist.

    The main process of a run holds the lock for all. The kernel releases it when that process ends,
    however it ends; the workers of its data loaders, which may outlive it, do not hold it.

    Raises:
        UserError: If another process trains there.
    """
    folder = os.path.realpath(work_dir)
    # closing the file a second time would release the lock, so a process opens it only once
    if folder in _held or '://' in work_dir or not is_main_process():
        yield
        return
    with open(os.path.join(folder, LOCK), 'a') as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise UserError(
                f'{work_dir}: another process is training there; wait until it has ended, or give '
                'another --work-dir'
            ) from None
        except OSError as error:  # some network file systems have no locks
            print_log(
                f'{work_dir} cannot be locked ({error.strerror}): start no second training there',
                'current',
                logging.WARNING,
            )
        _held.add(folder)
        try:
            yield
        finally:
            _held.discard(folder)
