"""The launcher of a command line."""

from __future__ import annotations

import os

from mmengine.config import Config


def set_launcher(cfg: Config, launcher: str, local_rank: int = 0) -> None:
    """Set the launcher, and the local rank where the launcher gives it in another way."""
    cfg.launcher = launcher
    local_rank = os.environ.get('OMPI_COMM_WORLD_LOCAL_RANK', local_rank)
    os.environ.setdefault('LOCAL_RANK', str(local_rank))
