"""How long a config trains: optimiser steps, learning rates, passes over each data set."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from mmengine.config import Config, ConfigDict
from mmengine.registry import PARAM_SCHEDULERS
from torch.utils.data import ConcatDataset

from depthdecomp_mm.datasets.concat_dataset import named_parts
from depthdecomp_mm.datasets.walking import buildable_configs
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.registry import DATA_SAMPLERS, DATASETS


@dataclass(frozen=True)
class TrainingLength:
    """The length of one phase.

    Attributes:
        steps: Batches in all epochs.
        full_rate_steps: Those with the optimiser's own learning rate, before it falls.
        passes: Passes over each data set, in the order of the config.
    """

    steps: int
    full_rate_steps: int
    passes: tuple[float, ...]


def data_set_sizes(cfg: Config) -> list[int]:
    """Number of training images of each data set of a config, which must be there."""
    leaves = buildable_configs(cfg.train_dataloader.dataset)
    return [len(DATASETS.build(dict(leaf, pipeline=[]))) for leaf in leaves]


def training_length(cfg: Config, sizes: Sequence[int]) -> TrainingLength:
    """Work out the length of a phase on one device; no image is read.

    Args:
        cfg: The phase's config, its overlay merged, with epochs.
        sizes: Training images of each data set, in the order of the config.

    Raises:
        ConfigError: If the sizes do not fit the config, or it does not count epochs.
    """
    loader, epochs = cfg.train_dataloader, cfg.train_cfg.get('max_epochs')
    if not epochs:
        raise ConfigError(f'train_cfg.max_epochs expected, found {dict(cfg.train_cfg)}')
    leaves = len(buildable_configs(loader.dataset))
    if len(sizes) != leaves:
        raise ConfigError(f'{leaves} sizes of data sets expected, found {list(sizes)}')
    dataset = _stand_in(loader.dataset, iter(enumerate(sizes)))
    sampler = DATA_SAMPLERS.build(loader.sampler, default_args=dict(dataset=dataset, seed=0))
    rounded = math.floor if loader.get('drop_last') else math.ceil
    batches = rounded(len(sampler) / loader.batch_size)
    indices = islice(sampler, batches * loader.batch_size)  # drop_last leaves some out
    seen = Counter(dataset[index] for index in indices)
    rate, rates = cfg.optim_wrapper.optimizer.lr, learning_rates(cfg, batches)
    return TrainingLength(
        steps=epochs * batches,
        full_rate_steps=sum(math.isclose(found, rate) for found in rates),
        passes=tuple(epochs * seen[leaf] / size for leaf, size in enumerate(sizes)),
    )


def _stand_in(cfg: ConfigDict, sizes: Iterator[tuple[int, int]]) -> Sequence[int] | ConcatDataset:
    """A data set of the config's structure whose samples are the numbers of their leaves."""
    if 'datasets' in cfg:
        parts = {name: _stand_in(part, sizes) for name, part in named_parts(cfg.datasets).items()}
        dataset = ConcatDataset(parts.values())
        dataset.names = tuple(parts)
        return dataset
    if 'dataset' in cfg:
        return ConcatDataset([_stand_in(cfg.dataset, sizes)] * cfg.get('times', 1))
    leaf, size = next(sizes)
    return [leaf] * size


def learning_rates(cfg: Config, batches: int) -> list[float]:
    """The learning rate of each step of a phase.

    Args:
        cfg: The phase's config, its overlay merged, with epochs.
        batches: Steps of an epoch.
    """
    rate = cfg.optim_wrapper.optimizer.lr
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    schedules = cfg.get('param_scheduler') or []
    schedulers = [_build_scheduler(part, optimizer, batches) for part in schedules]
    optimizer.step()  # MMEngine warns of schedules that go on without it
    rates = []
    for _ in range(cfg.train_cfg.max_epochs):
        for _ in range(batches):
            rates.append(optimizer.param_groups[0]['lr'])
            _step(schedulers, by_epoch=False)
        _step(schedulers, by_epoch=True)
    return rates


def _build_scheduler(cfg: ConfigDict, optimizer: torch.optim.Optimizer, batches: int):
    cfg = dict(cfg)
    if cfg.pop('convert_to_iter_based', False):
        build = PARAM_SCHEDULERS.get(cfg.pop('type')).build_iter_from_epoch
        return build(optimizer=optimizer, epoch_length=batches, **cfg)
    return PARAM_SCHEDULERS.build(cfg, default_args=dict(optimizer=optimizer))


def _step(schedulers: Sequence, by_epoch: bool) -> None:
    for scheduler in schedulers:
        if scheduler.by_epoch == by_epoch:
            scheduler.step()
