"""Private names of MMEngine, PyTorch and Python that we use, each with what it gives us.

They may go with any version of their packages; ``tests/test_internals.py`` says which one did.
Names that our subclasses inherit, such as those of MMEngine's runner, are used where they are.

Importing the package changes two things outside of it, and nothing else:

- :func:`depthdecomp_mm.config_names.register_config_names` lets MMEngine's ``Config`` resolve names
  of our configs, through :func:`replace_config_readers`;
- :func:`depthdecomp_mm.safe_globals.allow_mmengine_checkpoints` adds to PyTorch's allow-list.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.process import BaseProcess
from typing import Any

from mmengine.config import Config
from mmengine.fileio.backends import LmdbBackend
from mmengine.model import ImgDataPreprocessor
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase
from torch.utils.data import DataLoader

BatchNorm, BatchOrInstanceNorm = _BatchNorm, _NormBase
"""What the BatchNorm layers of all dimensions are, and those and the InstanceNorm layers."""


def config_readers() -> tuple[Callable, Callable]:
    """``Config.fromfile``, and what finds the file of a name in ``_base_``."""
    return Config.fromfile, Config._get_cfg_path


def replace_config_readers(fromfile: Callable, get_cfg_path: Callable) -> None:
    """Put others in the place of what :func:`config_readers` gives."""
    Config.fromfile = staticmethod(fromfile)
    Config._get_cfg_path = staticmethod(get_cfg_path)


def default_scopes() -> list[str]:
    """The default scopes there are, the oldest first."""
    return [scope.scope_name for scope in DefaultScope._instance_dict.values()]


def seed_differs_by_rank(runner: Runner) -> bool:
    """What ``randomness.diff_rank_seed`` of the runner's config says."""
    return runner._randomness_cfg.get('diff_rank_seed', False)


def end_workers(loader: DataLoader) -> None:
    """End persistent workers at once; left to the collector, each takes 5 s."""
    loader._iterator = None


def swaps_channels(preprocessor: ImgDataPreprocessor) -> bool:
    """Whether a preprocessor turns BGR images into RGB, or RGB into BGR."""
    return preprocessor._channel_conversion


def lmdb_environment(backend: LmdbBackend) -> Any:
    """The ``lmdb.Environment`` that a backend reads from, opened if it has not been read yet."""
    if backend._client is None:
        backend._client = backend._get_client()
    return backend._client


def processes_of(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    """The processes of a pool that is not shut down."""
    return list((pool._processes or {}).values())
