"""The weights that a checkpoint carries, and checkpoints of our own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from depthdecomp_mm.engine.checkpoint import state_dict_of
from depthdecomp_mm.files import whole_file
from depthdecomp_mm.version import __version__


def weights_of(checkpoint: dict, path: str | Path) -> dict[str, Tensor]:
    """The weights of a checkpoint by parameter, without the prefix ``module.`` of wrappers.

    Raises:
        CheckpointError: See :func:`~depthdecomp_mm.engine.checkpoint.state_dict_of`.
    """
    state = state_dict_of(checkpoint, path)
    return {key.removeprefix('module.'): value for key, value in state.items()}


def meta_of(checkpoint: dict) -> dict:
    """A checkpoint's meta information; empty where it has none."""
    meta = checkpoint.get('meta')
    return meta if isinstance(meta, dict) else {}


def write_checkpoint(path: str | Path, state_dict: Mapping[str, Tensor], meta: dict) -> None:
    """Write a checkpoint in MMEngine's format, whole or not at all.

    Args:
        path: Target, overwritten if it exists; folders are created.
        state_dict: The weights.
        meta: Meta information; the package's version is added.
    """
    meta = dict(meta, depthdecomp_mm_version=__version__)
    with whole_file(path) as partial:
        torch.save(dict(meta=meta, state_dict=dict(state_dict)), partial)
