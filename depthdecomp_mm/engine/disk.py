"""Faults of the disk, found before training rather than after hours."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from torch import nn


def check_work_dir(work_dir: str) -> None:
    """Make sure that files can be written in a folder, which is created if need be.

    Raises:
        OSError: If they cannot.
    """
    if '://' in work_dir:
        return
    try:
        os.makedirs(work_dir, exist_ok=True)
        with tempfile.TemporaryFile(dir=work_dir) as file:
            file.write(b'0' * 4096)
            file.flush()
    except OSError as error:
        raise OSError(
            error.errno, f'work_dir {work_dir!r} cannot be written to ({error.strerror})'
        ) from error


def check_space(work_dir: str, model: nn.Module, checkpoints: int = 2) -> None:
    """Make sure that a folder has room for checkpoints.

    Args:
        work_dir (str): The folder.
        model (nn.Module): The model; a checkpoint holds its weights and, of each, the two moments
            of Adam.
        checkpoints (int): How many must fit: the last one, and the next before it replaces it.

    Raises:
        OSError: If it has not.
    """
    if '://' in work_dir:
        return
    size = sum(p.numel() * p.element_size() * (1 + 2 * p.requires_grad) for p in model.parameters())
    free, needed = shutil.disk_usage(work_dir).free, checkpoints * size
    if free < needed:
        raise OSError(
            errno.ENOSPC,
            f'work_dir {work_dir!r} has {free / 1e6:.0f} MB left, but {checkpoints} checkpoints '
            f'of this model need {needed / 1e6:.0f} MB',
        )


def remove_partial_files(work_dir: str) -> None:
    """Remove the checkpoints that a killed run was just writing."""
    for path in Path(work_dir).glob('*.pth.part'):
        path.unlink(missing_ok=True)
