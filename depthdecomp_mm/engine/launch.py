"""The launcher and the work directory of a command line."""

from __future__ import annotations

import gc
import os
import re
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dist import get_world_size, init_dist, is_distributed

from depthdecomp_mm.errors import UserError

LAUNCHED = dict(
    pytorch=('RANK', 'WORLD_SIZE', 'MASTER_ADDR', 'MASTER_PORT'),
    slurm=('SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_NODELIST'),
    mpi=('OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'MASTER_ADDR'),
)
"""What each launcher puts into the environment of its processes: rank, their number, and more."""


def set_launcher(cfg: Config, launcher: str, local_rank: int = 0) -> None:
    """Set the launcher, and the local rank where the launcher gives it in another way."""
    cfg.launcher = launcher
    local_rank = os.environ.get('OMPI_COMM_WORLD_LOCAL_RANK', local_rank)
    os.environ.setdefault('LOCAL_RANK', str(local_rank))


def join_processes(launcher: str, dist_cfg: dict | None = None) -> None:
    """Form the group of the processes of a distributed run, if it is not there yet.

    The ``pytorch`` launcher works on machines without a GPU, too, over gloo.

    Args:
        launcher: The config's ``launcher``.
        dist_cfg: The config's ``env_cfg.dist_cfg``.

    Raises:
        UserError: If this process was not started by the launcher, or lacks a GPU.
    """
    if launcher == 'none' or is_distributed():
        return
    _check_launched(launcher)
    if torch.cuda.is_available():
        init_dist(launcher, **(dist_cfg or {}))
    elif launcher == 'pytorch':
        torch.distributed.init_process_group('gloo')
    else:
        raise UserError(f'--launcher {launcher} needs GPUs, but PyTorch finds none')


def process_count(launcher: str) -> int:
    """Number of processes of a run, also before they form their group.

    Raises:
        UserError: If this process was not started by the launcher.
    """
    if is_distributed() or launcher == 'none':
        return get_world_size()
    _check_launched(launcher)
    return int(os.environ[LAUNCHED[launcher][1]])


def _check_launched(launcher: str) -> None:
    missing = [name for name in LAUNCHED.get(launcher, ()) if name not in os.environ]
    if missing:
        raise UserError(
            f'--launcher {launcher}: the environment lacks {", ".join(missing)}, which the '
            'launcher sets: start with tools/dist_train.sh, dist_test.sh or slurm_train.sh'
        )


def leave_processes() -> None:
    """Leave the group of a distributed run that has ended well, and wait for its threads.

    A thread of gloo that frees its last tensors while the interpreter ends aborts the process. The
    runner must not be in use any more, as its model holds the group. A run that failed leaves its
    group to the launcher: another process may still wait in it.
    """
    if is_distributed():
        torch.distributed.destroy_process_group()
        gc.collect()  # the runner, whose parts know each other


def default_work_dir(config: str | Path) -> str:
    """The work directory of a config where none is given: ``work_dirs/<name>``.

    A config called ``config``, as converters write them, has the name of its folder.
    """
    path = Path(config).absolute()
    name = re.sub(r'^config(?=_|$)', lambda _: path.parent.name or 'config', path.stem)
    return os.path.join('work_dirs', name)
