"""The launcher and the phase of a command line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dist import init_dist, is_distributed

from depthdecomp_mm.errors import ConfigError, UserError

LAUNCHED = dict(
    pytorch=('RANK', 'WORLD_SIZE', 'MASTER_ADDR', 'MASTER_PORT'),
    slurm=('SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_NODELIST'),
    mpi=('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'MASTER_ADDR'),
)
"""What each launcher puts into the environment of its processes."""


def set_launcher(cfg: Config, launcher: str, local_rank: int = 0) -> None:
    """Set the launcher, and the local rank where the launcher gives it in another way."""
    cfg.launcher = launcher
    local_rank = os.environ.get('OMPI_COMM_WORLD_LOCAL_RANK', local_rank)
    os.environ.setdefault('LOCAL_RANK', str(local_rank))


def join_processes(launcher: str, dist_cfg: dict | None = None) -> None:
    """Form the group of the processes of a distributed run, if it is not there yet.

    The ``pytorch`` launcher works on machines without a GPU, too, over gloo.

    Args:
        launcher (str): The config's ``launcher``.
        dist_cfg (dict, optional): The config's ``env_cfg.dist_cfg``.

    Raises:
        UserError: If this process was not started by the launcher, or lacks a GPU.
    """
    if launcher == 'none' or is_distributed():
        return
    missing = [name for name in LAUNCHED.get(launcher, ()) if name not in os.environ]
    if missing:
        raise UserError(
            f'--launcher {launcher}: the environment lacks {", ".join(missing)}, which the '
            'launcher sets: start with tools/dist_train.sh, dist_test.sh or slurm_train.sh'
        )
    if torch.cuda.is_available():
        init_dist(launcher, **(dist_cfg or {}))
    elif launcher == 'pytorch':
        torch.distributed.init_process_group('gloo')
    else:
        raise UserError(f'--launcher {launcher} needs GPUs, but PyTorch finds none')


def default_work_dir(config: str | Path) -> str:
    """The work directory of a config where none is given: ``work_dirs/<name>``.

    A config called ``config``, as converters write them, has the name of its folder.
    """
    path = Path(config).absolute()
    name = re.sub(r'^config(?=_|$)', lambda _: path.parent.name or 'config', path.stem)
    return os.path.join('work_dirs', name)


def phase_index(cfg: Config, name: str | None = None) -> int:
    """The place of a phase in ``cfg.phases``, the last one's by default.

    Raises:
        ConfigError: If there is no phase of that name.
    """
    names = [phase.get('name', '') for phase in cfg.get('phases') or [{}]]
    if name and name not in names:
        raise ConfigError(f"no phase '{name}' in the config; it has {names}")
    return names.index(name) if name else len(names) - 1


def last_phase(cfg: Config, name: str | None = None) -> Config:
    """The config with the overlay of one phase merged, the last by default.

    Args:
        cfg (Config): A config that may have ``phases``.
        name (str, optional): Name of the phase.

    Raises:
        ConfigError: If there is no phase of that name.
    """
    index = phase_index(cfg, name)
    phase = dict((cfg.pop('phases', None) or [{}])[index])
    phase.pop('name', None)
    cfg.merge_from_dict(phase)
    return cfg
