"""What the command lines share."""

from __future__ import annotations

import os

from mmengine.config import Config


def set_launcher(cfg: Config, launcher: str, local_rank: int = 0) -> None:
    """Set the launcher, and the local rank where the launcher gives it as an argument."""
    cfg.launcher = launcher
    os.environ.setdefault('LOCAL_RANK', str(local_rank))


def last_phase(cfg: Config, name: str | None = None) -> Config:
    """The config with the overlay of one phase merged, the last by default.

    Args:
        cfg (Config): A config that may have ``phases``.
        name (str, optional): Name of the phase.

    Raises:
        ValueError: If there is no phase of that name.
    """
    phases = [dict(phase) for phase in cfg.pop('phases', None) or [{}]]
    names = [phase.pop('name', '') for phase in phases]
    if name and name not in names:
        raise ValueError(f"no phase '{name}' in the config; it has {names}")
    cfg.merge_from_dict(phases[names.index(name) if name else -1])
    return cfg
