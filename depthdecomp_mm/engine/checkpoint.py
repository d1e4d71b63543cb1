"""Checkpoints: read without executing anything, and found again."""

from __future__ import annotations

import logging
import re
import zipfile
from pathlib import Path

import torch
from mmengine.logging import print_log
from mmengine.runner import CheckpointLoader

from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.files import write_bytes
from depthdecomp_mm.safe_globals import our_getattr_alone
from depthdecomp_mm.safetensors_file import SUFFIX, read_safetensors

from .fetching import local_copy

INTERRUPTED = 'interrupted.pth'
RESUMABLE = re.compile(r'((epoch|iter)_\d+|interrupted)\.pth')
POINTER = 'last_checkpoint'  # MMEngine's name
NO_CHECKPOINT = 'none'


@CheckpointLoader.register_scheme(prefixes='hf://', force=True)
def read_checkpoint(
    path: str, map_location: str | torch.device = 'cpu', mmap: bool | None = None
) -> dict:
    """Read a checkpoint of MMEngine's runner, or a state dict, without executing anything.

    Args:
        path: A file, or an address that :func:`~depthdecomp_mm.engine.fetching.local_copy` takes;
            one that ends in ``.safetensors`` is read as such.
        map_location: Where the tensors go.
        mmap: Whether to leave tensors in the file until they are used. Without it, checksums are
            compared, too.

    Raises:
        CheckpointError: If it is missing, damaged or foreign, or would execute code.
    """
    try:
        with local_copy(path) as file, our_getattr_alone():
            if file.endswith(SUFFIX):
                checkpoint = read_safetensors(file, map_location, check=not mmap)
            else:
                checkpoint = torch.load(
                    file, mmap=mmap, map_location=map_location, weights_only=True
                )
                if not mmap:
                    _check_sums(file)
    except CheckpointError:
        raise
    except FileNotFoundError as error:
        raise CheckpointError(f'{path}: no such checkpoint') from error
    except (PermissionError, IsADirectoryError) as error:
        raise CheckpointError(f'{path}: cannot be read: {error.strerror}') from error
    except Exception as error:  # damaged pickles raise whatever their opcodes run into
        foreign = re.search(r'GLOBAL (\S+)', str(error))
        if foreign:
            reason = f'refused, as it would load {foreign[1]}, which may execute code'
        else:
            reason = 'cut off, damaged or no PyTorch checkpoint'
        raise CheckpointError(f'{path}: {reason}') from error
    if not isinstance(checkpoint, dict):
        raise CheckpointError(f'{path}: found {type(checkpoint).__name__}, expected a dict')
    if isinstance(checkpoint.get('meta'), dict):
        # MMEngine would execute this text, which its present versions do not write, as Python
        checkpoint['meta'].pop('config', None)
    return checkpoint


def state_dict_of(
    checkpoint: dict, path: str | Path, entry: str = 'state_dict'
) -> dict[str, torch.Tensor]:
    """The weights of a checkpoint that MMEngine wrote, or of a bare state dict.

    Names lose the prefix ``module.`` that wrappers for several GPUs put before them.

    Args:
        checkpoint: What :func:`read_checkpoint` gave.
        path: Its file, for messages.
        entry: Where the weights are, unless it is a bare state dict.

    Raises:
        CheckpointError: If they are no dict of names.
    """
    state = checkpoint.get(entry, checkpoint)
    if not isinstance(state, dict):
        raise CheckpointError(
            f'{path}: {entry!r} is expected to be a state dict, found {type(state).__name__}'
        )
    odd = [key for key in state if not isinstance(key, str)]
    if odd:
        raise CheckpointError(f'{path}: found the key {odd[0]!r}, expected names of parameters')
    return {key.removeprefix('module.'): value for key, value in state.items()}


def read_meta(path: str) -> dict:
    """Check that training can resume from a checkpoint.

    Returns:
        Its ``meta``, with ``epoch`` and ``iter``.

    Raises:
        CheckpointError: If it is damaged or not a checkpoint of a training run.
    """
    if '://' in path:
        checkpoint = read_checkpoint(path)
    else:
        checkpoint = read_checkpoint(path, mmap=True)
        _check_sums(path)
    missing = [key for key in ('meta', 'state_dict', 'message_hub') if key not in checkpoint]
    meta = checkpoint.get('meta')
    if not missing:
        meta = meta if isinstance(meta, dict) else {}
        missing = [key for key in ('epoch', 'iter') if not _is_count(meta.get(key))]
    if missing:
        raise CheckpointError(f'{path}: not a checkpoint of a training run, it lacks {missing}')
    return meta


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value >= 0


def _check_sums(path: str) -> None:
    """Make sure that a checkpoint holds what was written, which PyTorch does not compare.

    Files of before PyTorch 1.6 have no checksums.
    """
    try:
        if not zipfile.is_zipfile(path):
            return
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except Exception:  # flipped bits of the directory raise whatever they run into
        damaged = 'its directory'
    if damaged:
        raise CheckpointError(f'{path}: damaged, the checksum of {damaged} does not match')


def latest_checkpoint(work_dir: str) -> str | None:
    """The checkpoint from which to go on in a folder: the last that was written and is whole.

    That is the one named in the file ``last_checkpoint``, looked for beside it first: the folder
    may be a copy. Where it or this file is missing or damaged, the last modified of the checkpoints
    that can be read is taken, with a warning.
    """
    pointer = Path(work_dir, POINTER)
    named = pointer.read_text(errors='replace').strip() if pointer.is_file() else ''
    beside = Path(work_dir, Path(named).name)
    if beside.is_file():
        named = str(beside)
    if named == NO_CHECKPOINT:
        return None
    candidates = [str(path) for path in resumable_checkpoints(work_dir) if str(path) != named]
    if named:
        candidates.insert(0, named)
    elif candidates:
        _warn(f'{pointer}: missing or empty, looking for the newest checkpoint beside it')
    for path in candidates:
        try:
            read_meta(path)
        except CheckpointError as error:
            _warn(f'passed over a checkpoint: {error}')
            continue
        if named and path != named:
            _warn(f'going on from {path}, the newest that is whole')
        return path
    return None


def resumable_checkpoints(work_dir: str) -> list[Path]:
    """Checkpoints of a folder by their names, the last modified first."""
    found = (path for path in Path(work_dir).glob('*.pth') if RESUMABLE.fullmatch(path.name))
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def forget_checkpoints(work_dir: str) -> None:
    """Let a run that starts afresh in a used folder not be resumed from what lies there."""
    if Path(work_dir, POINTER).exists() or resumable_checkpoints(work_dir):
        _warn(f'{work_dir} holds checkpoints of an earlier run, which this one will replace')
        write_pointer(work_dir, NO_CHECKPOINT)


def write_pointer(work_dir: str, path: str) -> None:
    """Note the last checkpoint of a folder, as MMEngine does."""
    write_bytes(Path(work_dir, POINTER), path.encode())


def _warn(message: str) -> None:
    print_log(message, logger='current', level=logging.WARNING)
