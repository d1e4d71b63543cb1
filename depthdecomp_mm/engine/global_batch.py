"""The batch of all processes together, which a config's batch size is that of one of."""

from __future__ import annotations

from mmengine.config import Config

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


def describe_change(cfg: Config, processes: int) -> str | None:
    """What a launch makes of a phase's batch, where it is not the one of the config.

    Args:
        cfg: The phase's config.
        processes: How many there are, each with the config's batch size.
    """
    if processes < 2:
        return None
    batch = cfg.train_dataloader.get('batch_size', 1)
    steps = cfg.optim_wrapper.get('accumulative_counts', 1)
    accumulated = f' x {steps} accumulated' if steps > 1 else ''
    return (
        f'{processes} processes x {batch} images{accumulated} make '
        f'{processes * batch * steps} images a step of the optimiser, but the config states '
        f'{batch * steps}: --keep-global-batch shares these out instead'
    )
