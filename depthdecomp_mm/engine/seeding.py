"""Randomness as a function of where training stands, not of how it got there."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_rank
from torch.utils.data import Sampler

from depthdecomp_mm.registry import DATA_SAMPLERS, DATASETS

Key = tuple[int, int, int, int]


def seed_all(*key: int) -> None:
    """Seed Python, NumPy and PyTorch (all devices) from a few whole numbers of at least 0."""
    seed = int(np.random.SeedSequence(key).generate_state(1)[0])
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def seeded_loader(dataloader: dict, seed: int) -> dict:
    """The config of a data loader, with sampler and data set wrapped to seed every sample.

    Args:
        dataloader: Config of a data loader without ``batch_sampler``.
        seed: The run's seed, the same on all ranks.
    """
    return dict(
        dataloader,
        dataset=dict(type='depthdecomp_mm.SeededDataset', dataset=dataloader['dataset']),
        sampler=dict(type='depthdecomp_mm.SeededSampler', sampler=dataloader['sampler'], seed=seed),
    )


@DATASETS.register_module()
class SeededDataset:
    """A data set whose random transforms draw what the sample's place in training tells.

    It takes the keys of :class:`SeededSampler` in place of indices, so that worker processes,
    persistent or not, need no other message; all else is the data set's own.

    Args:
        dataset: Data set or its config.
    """

    def __init__(self, dataset: Any) -> None:
        self.dataset = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, item: tuple[Key, int]) -> Any:
        key, index = item
        seed_all(*key)
        return self.dataset[index]

    def __getattr__(self, name: str) -> Any:
        if name == 'dataset':  # not there yet while it is unpickled
            raise AttributeError(name)
        return getattr(self.dataset, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == 'dataset':
            super().__setattr__(name, value)
        else:
            setattr(self.dataset, name, value)


@DATA_SAMPLERS.register_module()
class SeededSampler(Sampler):
    """Gives each index of a sampler a key (seed, rank, epoch, position), see SeededDataset.

    Args:
        dataset: The data set.
        sampler: Config of the sampler.
        seed: Seed of the sampler and of the keys, the same on all ranks.

    Attributes:
        start: Number of indices to leave out, without loading them, in the next iteration: those
            that a resumed run has behind it.
    """

    def __init__(self, dataset: Any, sampler: dict, seed: int) -> None:
        source = dataset.dataset if isinstance(dataset, SeededDataset) else dataset
        self.sampler = DATA_SAMPLERS.build(sampler, default_args=dict(dataset=source, seed=seed))
        self.seed = seed
        self.epoch = 0
        self.start = 0

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[tuple[Key, int]]:
        rank = get_rank()
        for position, index in enumerate(self.sampler):
            if position >= self.start:
                yield (self.seed, rank, self.epoch, position), index

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch that the next iteration draws."""
        self.epoch = epoch
        if hasattr(self.sampler, 'set_epoch'):
            self.sampler.set_epoch(epoch)
