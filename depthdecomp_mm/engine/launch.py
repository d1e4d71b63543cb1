"""The launcher and the phase of a command line."""

from __future__ import annotations

import os

from mmengine.config import Config

from depthdecomp_mm.errors import ConfigError


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
