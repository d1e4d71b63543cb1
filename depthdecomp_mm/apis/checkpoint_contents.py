"""What a checkpoint says of itself, and checkpoints of our own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from depthdecomp_mm.engine.checkpoint import read_checkpoint
from depthdecomp_mm.errors import CheckpointError, OutputError
from depthdecomp_mm.files import whole_file
from depthdecomp_mm.safetensors_file import SUFFIX, write_safetensors
from depthdecomp_mm.version import __version__


def meta_of(checkpoint: dict) -> dict:
    """A checkpoint's meta information; empty where it has none."""
    meta = checkpoint.get('meta')
    return meta if isinstance(meta, dict) else {}


def check_replaceable_checkpoint(path: Path, mark: str) -> None:
    """Make sure that no file of others is replaced by a checkpoint that a command makes.

    Args:
        path: File to write.
        mark: Key of the meta information by which the command's own are known.

    Raises:
        OutputError: If a file is there without it.
    """
    if not path.exists():
        return
    try:
        ours = mark in meta_of(read_checkpoint(str(path), mmap=True))
    except CheckpointError:
        ours = False
    if not ours:
        raise OutputError(f'{path}: is there, but no checkpoint with a {mark}: not replaced')


def write_checkpoint(path: str | Path, state_dict: Mapping[str, Tensor], meta: dict) -> None:
    """Write a checkpoint, whole or not at all: as safetensors, or in MMEngine's format.

    Args:
        path: Target, overwritten if it exists; folders are created. Its suffix says which.
        state_dict: The weights.
        meta: Meta information; the package's version is added.
    """
    meta = dict(meta, depthdecomp_mm_version=__version__)
    if str(path).endswith(SUFFIX):
        return write_safetensors(path, state_dict, meta)
    with whole_file(path) as partial:
        torch.save(dict(meta=meta, state_dict=dict(state_dict)), partial)
