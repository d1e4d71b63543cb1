"""Checkpoints: read without executing anything, written whole or not at all."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from mmengine.config import Config
from torch import Tensor

from depthdecomp_mm.version import __version__


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message names the file and what is wrong with it."""


def read_checkpoint(path: str | Path) -> dict:
    """Read a checkpoint, weights-only and on the CPU.

    Raises:
        CheckpointError: If the file is missing, cut off, no checkpoint, or holds anything but
            tensors and plain Python values.
    """
    try:
        checkpoint = torch.load(path, map_location='cpu', weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f'{path}: no such file') from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        foreign = re.search(r'GLOBAL (\S+)', str(error))
        if foreign:
            reason = f'refused, for it would load code or objects ({foreign[1]}), not only weights'
        else:
            reason = 'not a whole PyTorch checkpoint (' + (str(error).strip() or 'empty')
            reason = re.split(r'[\n:,]|\. ', reason)[0] + ')'
        raise CheckpointError(f'{path}: {reason}') from error
    if not isinstance(checkpoint, dict):
        raise CheckpointError(f'{path}: expected a dict, but found {type(checkpoint).__name__}')
    return checkpoint


def state_dict_of(checkpoint: dict) -> dict[str, Tensor]:
    """The weights of a checkpoint that MMEngine wrote, or of a bare state dict.

    A prefix ``module.`` of distributed wrappers is removed.
    """
    state = checkpoint.get('state_dict', checkpoint)
    return {key.removeprefix('module.'): value for key, value in state.items()}


def config_of(checkpoint: dict, path: str | Path) -> Config:
    """The config that a checkpoint carries in its meta information.

    Raises:
        CheckpointError: If it has none.
    """
    text = checkpoint.get('meta', {}).get('cfg')
    if not text:
        raise CheckpointError(f'{path}: carries no config (meta.cfg); give one')
    return Config.fromstring(text, file_format='.py')


def write_checkpoint(path: str | Path, state_dict: Mapping[str, Tensor], meta: dict) -> None:
    """Write a checkpoint in MMEngine's format, under a hidden name until it is whole.

    Args:
        path: Target, overwritten if it exists; folders are created.
        state_dict: The weights.
        meta: Meta information; the package's version is added.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'.{path.name}.part')
    meta = dict(meta, depthdecomp_mm_version=__version__)
    try:
        torch.save(dict(meta=meta, state_dict=dict(state_dict)), partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
