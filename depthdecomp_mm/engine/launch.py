"""What the command lines share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.config import Config

from depthdecomp_mm.datasets import SampleError

from .checkpoint import CheckpointError
from .config_check import ConfigError


def set_launcher(cfg: Config, launcher: str, local_rank: int = 0) -> None:
    """Set the launcher, and the local rank where the launcher gives it in another way."""
    cfg.launcher = launcher
    local_rank = os.environ.get('OMPI_COMM_WORLD_LOCAL_RANK', local_rank)
    os.environ.setdefault('LOCAL_RANK', str(local_rank))


def last_phase(cfg: Config, name: str | None = None) -> Config:
    """The config with the overlay of one phase merged, the last by default.

    Args:
        cfg (Config): A config that may have ``phases``.
        name (str, optional): Name of the phase.

    Raises:
        ConfigError: If there is no phase of that name.
    """
    phases = [dict(phase) for phase in cfg.pop('phases', None) or [{}]]
    names = [phase.pop('name', '') for phase in phases]
    if name and name not in names:
        raise ConfigError(f"no phase '{name}' in the config; it has {names}")
    cfg.merge_from_dict(phases[names.index(name) if name else -1])
    return cfg


@contextmanager
def faults_in_a_sentence() -> Iterator[None]:
    """End the process with a message, and no traceback, at what the user can mend.

    Of an error in a data loader's worker the message is taken without the worker's traceback.
    """
    try:
        yield
    except (ConfigError, CheckpointError, SampleError, FloatingPointError, OSError) as error:
        message = str(error).strip()
        if message.startswith('Caught '):
            message = message.splitlines()[-1].partition(': ')[2]
        raise SystemExit(f'{type(error).__name__}: {message}') from None
