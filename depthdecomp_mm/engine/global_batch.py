"""The batch of all processes together, which a config's batch size is that of one of."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from mmengine.config import Config
from mmengine.logging import print_log

from depthdecomp_mm.configs import override
from depthdecomp_mm.errors import ConfigError

from .phases import read_phases


def share_batch(cfg: Config, processes: int) -> Config:
    """A config whose training batches are shared out among processes, which keeps the sum.

    Raises:
        ConfigError: If a batch size or quota cannot be divided.
    """
    return override(cfg, batch_shares(cfg, processes))


def batch_shares(cfg: Config, processes: int) -> dict[str, int]:
    """The batch size and quotas of one process, by dotted key of the config.

    Args:
        cfg: The config; what its phases state themselves is shared out, too.
        processes: How many there are; of one alone nothing is shared out.

    Raises:
        ConfigError: If a batch size or quota cannot be divided.
    """
    loaders = {'train_dataloader': cfg.get('train_dataloader')}
    for name, phase in read_phases(cfg).items():
        if name:
            loaders[f'phases.{name}.train_dataloader'] = phase.get('train_dataloader')
    shares = {}
    for name, loader in loaders.items() if processes > 1 else ():
        loader = loader or {}
        sampler = loader.get('sampler') or {}
        counts = {f'{name}.batch_size': loader.get('batch_size')}
        for source, quota in (sampler.get('quotas') or {}).items():
            counts[f'{name}.sampler.quotas.{source}'] = quota
        for key, whole in counts.items():
            if whole is not None:
                shares[key] = _share(key, whole, processes)
    return shares


def _share(name: str, whole: int, processes: int) -> int:
    share, rest = divmod(whole, processes)
    if rest:
        raise ConfigError(
            f'{name}={whole} cannot be shared out among {processes} processes: '
            f'{processes} x {max(share, 1)} would be {processes * max(share, 1)}'
        )
    return share


def warn_of_change(phases: Iterable[Config], processes: int) -> None:
    """Warn if so many processes, each with the config's batch, make it a larger one.

    Args:
        phases: The config of each phase.
        processes: How many there are.
    """
    if processes < 2:
        return
    for change in sorted({_describe_change(cfg, processes) for cfg in phases}):
        print_log(change, logger='current', level=logging.WARNING)


def _describe_change(cfg: Config, processes: int) -> str:
    batch = cfg.train_dataloader.get('batch_size', 1)
    steps = cfg.optim_wrapper.get('accumulative_counts', 1)
    accumulated = f' x {steps} accumulated' if steps > 1 else ''
    return (
        f'{processes} processes x {batch} images{accumulated} make '
        f'{processes * batch * steps} images a step of the optimiser, but the config states '
        f'{batch * steps}: --keep-global-batch shares these out instead'
    )
