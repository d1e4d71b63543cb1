"""What is random follows from the seed and the place in training."""

import os
import random

import numpy as np
import pytest
import torch
from mmengine.runner import Runner

from depthdecomp_mm.engine import DepthRunner
from depthdecomp_mm.engine.seeding import SeededDataset, seeded_loader


class Dice(torch.utils.data.Dataset):
    """Gives the index and a number from each generator."""

    def __init__(self, sides=6):
        self.sides = sides

    def __len__(self):
        return 8

    def __getitem__(self, index):
        return index, random.random(), np.random.rand(), torch.rand(1).item()


@pytest.fixture
def loader():
    def build(workers, seed=0):
        config = dict(
            dataset=Dice(),
            sampler=dict(type='DefaultSampler', shuffle=True),
            batch_size=2,
            num_workers=workers,
            persistent_workers=workers > 0,
        )
        return Runner.build_dataloader(seeded_loader(config, seed), seed=seed)

    return build


def epoch(loader, number, start=0):
    loader.sampler.set_epoch(number)
    loader.sampler.start = start
    return [sample for batch in loader for sample in zip(*batch, strict=True)]


def test_samples_do_not_depend_on_workers_or_history(loader):
    with_workers, without = loader(2), loader(0)
    epochs = [epoch(with_workers, number) for number in range(3)]
    assert epoch(without, 2) == epochs[2]  # without the two before it
    assert epoch(loader(1), 1, start=2 * 2) == epochs[1][2 * 2 :]  # from the third batch on
    assert sorted(index for index, *_ in epochs[0]) == list(range(8))
    drawn = {numbers for e in epochs for _, *n in e for numbers in n}
    assert len(drawn) == 3 * 8 * 3  # no two alike
    assert epoch(loader(0, seed=1), 0) != epochs[0]


def test_the_data_set_shows_through():
    inner = Dice()
    wrapped = SeededDataset(inner)
    assert wrapped.sides == 6 and len(wrapped) == 8
    wrapped.sides = 20  # as hooks set pipelines
    assert inner.sides == 20


def test_a_deterministic_run_asks_cublas_for_it(monkeypatch, tmp_path):
    monkeypatch.setenv('CUBLAS_WORKSPACE_CONFIG', '')  # restored after the test
    monkeypatch.delenv('CUBLAS_WORKSPACE_CONFIG')
    was = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    try:
        DepthRunner(
            torch.nn.Linear(1, 1), str(tmp_path), randomness=dict(seed=0, deterministic=True)
        )
        assert os.environ['CUBLAS_WORKSPACE_CONFIG'] == ':4096:8'
    finally:
        torch.use_deterministic_algorithms(False)
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = was
