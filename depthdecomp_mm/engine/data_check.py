"""Faults of the data, found before any phase starts."""

from __future__ import annotations

from collections.abc import Mapping

from mmengine.config import Config
from mmengine.runner import Runner

from depthdecomp_mm.errors import ConfigError

from .part_check import checked, checking


def check_data(phases: Mapping[str, Config]) -> None:
    """Read the lists of all training and validation data, and count the batches.

    Args:
        phases: The config of each phase by its name.

    Raises:
        ConfigError: If a loader cannot be built or gives no batch.
    """
    seen = set()
    for phase, cfg in phases.items():
        for key in ('train_dataloader', 'val_dataloader'):
            loader = cfg.get(key)
            if loader and repr(loader) not in seen:
                seen.add(repr(loader))
                with checking(cfg, phase):
                    _check_batches(key, loader)


def _check_batches(section: str, loader: dict) -> None:
    built = checked(section, Runner.build_dataloader, loader, seed=0)
    if not len(built):
        found = {k: loader[k] for k in ('batch_size', 'drop_last', 'sampler') if k in loader}
        raise ConfigError(f'{section} gives no batch: {len(built.dataset)} samples, {found}')
