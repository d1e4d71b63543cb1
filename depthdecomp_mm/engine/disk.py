"""Faults of the disk, found before training rather than after hours."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from torch import nn

from depthdecomp_mm.files import PARTIAL


def check_folder(folder: str, name: str) -> None:
    """Make sure that files can be written in a folder, which is created if need be.

    Args:
        folder: The folder.
        name: Key or option that names it, for the message.

    Raises:
        OSError: If they cannot.
    """
    if '://' in folder:
        return
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b'0' * 4096)
            file.flush()
    except OSError as error:
        raise OSError(
            error.errno, f'{name} {folder!r} cannot be written to ({error.strerror})'
        ) from error


def check_file(path: str, name: str) -> None:
    """Make sure that a file can be written, whose folder is created if need be.

    Raises:
        OSError: If it cannot.
    """
    check_folder(os.path.dirname(os.path.abspath(path)), f'the folder of {name}')
    if os.path.isdir(path) or (os.path.exists(path) and not os.access(path, os.W_OK)):
        raise OSError(errno.EACCES, f'{name} {path!r} is a folder or may not be written to')


def check_space(work_dir: str, model: nn.Module, checkpoints: int = 2) -> None:
    """Make sure that a folder has room for checkpoints.

    Args:
        work_dir: The folder.
        model: The model; a checkpoint holds its weights and, of each, the two moments of Adam.
        checkpoints: How many must fit: the last one, and the next before it replaces it.

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
    for path in Path(work_dir).glob(f'{PARTIAL}*.pth'):
        path.unlink(missing_ok=True)
