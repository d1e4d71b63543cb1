from collections import Counter

import numpy as np
import pytest
from mmengine.registry import DATA_SAMPLERS, init_default_scope
from torch.utils.data import ConcatDataset, DataLoader

from depthdecomp_mm.datasets import MixedDatasetSampler

MODULE = 'depthdecomp_mm.datasets.samplers.mixed_dataset_sampler'


def concat(*sizes):
    offsets = np.cumsum([0, *sizes])
    dataset = ConcatDataset([range(a, a + n) for a, n in zip(offsets, sizes, strict=False)])
    dataset.names = tuple('abc'[: len(sizes)])
    return dataset


def named(quotas):
    return dict(zip('abc', quotas, strict=False))


@pytest.fixture
def draw(monkeypatch):
    """Batches of all ranks in an epoch: (world size, batches, batch size) indices."""

    def _draw(sizes, quotas, world=1, epoch=0, **kwargs):
        kwargs = dict(seed=5) | kwargs
        ranks = []
        for rank in range(world):
            monkeypatch.setattr(f'{MODULE}.get_dist_info', lambda rank=rank: (rank, world))
            sampler = MixedDatasetSampler(concat(*sizes), named(quotas), **kwargs)
            sampler.set_epoch(epoch)
            indices = list(sampler)
            assert len(indices) == len(sampler) and all(type(i) is int for i in indices)
            ranks.append(indices)
        return np.array(ranks).reshape(world, -1, sum(quotas))

    return _draw


def split(batches, sizes, quotas):
    """The same, for each source counted from its own zero."""
    columns = np.split(batches, np.cumsum(quotas)[:-1], axis=-1)
    return [c - offset for c, offset in zip(columns, np.cumsum([0, *sizes]), strict=False)]


CASES = [
    ((40, 30), (3, 1), 1),
    ((40, 30), (3, 1), 2),
    ((41, 300, 7), (2, 3, 1), 3),
    ((5, 2), (4, 4), 2),  # sources smaller than a batch
    ((1, 1), (2, 3), 4),
    ((17,), (4,), 2),
]


@pytest.mark.parametrize(('sizes', 'quotas', 'world'), CASES)
def test_quotas_and_first_source_is_one_pass(draw, sizes, quotas, world):
    batches = draw(sizes, quotas, world)
    sources = split(batches, sizes, quotas)
    for source, size in zip(sources, sizes, strict=True):
        assert source.min() >= 0 and source.max() < size
    counts = Counter(sources[0].ravel().tolist())
    assert set(counts) == set(range(sizes[0]))
    extra = sources[0].size - sizes[0]
    assert 0 <= extra < world * quotas[0]
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize(('sizes', 'quotas', 'world'), CASES)
def test_other_sources_are_even_streams_across_epochs(draw, sizes, quotas, world):
    epochs = [split(draw(sizes, quotas, world, epoch), sizes, quotas) for epoch in range(5)]
    for source in range(1, len(sizes)):
        # What all ranks draw, batch by batch, is one stream: ranks side by side within a batch.
        stream = np.concatenate([e[source].transpose(1, 0, 2).ravel() for e in epochs])
        size = sizes[source]
        whole = stream[: len(stream) // size * size].reshape(-1, size)
        assert (np.sort(whole, axis=1) == np.arange(size)).all()  # every pass is a permutation
        for stop in range(1, len(stream), 7):
            counts = np.bincount(stream[:stop], minlength=size)
            assert counts.max() - counts.min() <= 1
        if size >= 30 and len(whole) > 1:
            assert (whole[0] != whole[1]).any()


def test_ranks_are_disjoint_within_a_pass(draw):
    sizes, quotas, world = (48, 100), (3, 2), 4
    first, second = split(draw(sizes, quotas, world), sizes, quotas)
    for source in (first, second):  # 48 and 32 drawn: no pass ends within the epoch
        assert len(set(source.ravel().tolist())) == source.size


def test_sources_shuffle_independently_and_epochs_differ(draw):
    sizes, quotas = (64, 64, 64), (2, 2, 2)
    orders = [
        s.ravel().tolist()
        for e in (0, 1)
        for s in split(draw(sizes, quotas, epoch=e), sizes, quotas)
    ]
    orders += [s.ravel().tolist() for s in split(draw(sizes, quotas, seed=6), sizes, quotas)]
    assert len({tuple(order) for order in orders}) == len(orders)
    assert all(sorted(order) == list(range(64)) for order in orders)


def test_resume_needs_the_epoch_only(draw):
    sizes, quotas = (10, 7), (2, 2)
    sampler = MixedDatasetSampler(concat(*sizes), named(quotas), seed=5)
    for epoch in range(4):
        sampler.set_epoch(epoch)
        list(sampler)  # a run without interruption
        assert list(sampler) == draw(sizes, quotas, epoch=epoch).ravel().tolist()


def test_without_shuffle(draw):
    first, second = split(draw((4, 3), (2, 1), shuffle=False), (4, 3), (2, 1))
    assert first.ravel().tolist() == [0, 1, 2, 3] and second.ravel().tolist() == [0, 1]
    assert draw((4, 3), (2, 1), epoch=1, shuffle=False)[0, :, 2].tolist() == [4 + 2, 4 + 0]


def test_round_down_leaves_out_the_tail(draw):
    batches = draw((11, 50), (2, 2), world=2, round_up=False)
    assert batches.shape == (2, 2, 4)
    first = batches[..., :2].ravel()
    assert len(set(first.tolist())) == 8
    with pytest.raises(ValueError, match='has 3 samples, expected at least 4 '):
        draw((3, 50), (2, 2), world=2, round_up=False)


def test_large_sets_are_quick_enough_to_sample(draw):
    batches = draw((50000, 3), (14, 2))
    assert batches.shape == (1, 3572, 16)


def test_in_a_data_loader_built_by_registry():
    init_default_scope('depthdecomp_mm')
    dataset = concat(6, 5)
    sampler = DATA_SAMPLERS.build(
        dict(type='MixedDatasetSampler', quotas=dict(b=1, a=3)),
        default_args=dict(dataset=dataset, seed=None),
    )
    batches = [batch.tolist() for batch in DataLoader(dataset, batch_size=4, sampler=sampler)]
    assert len(batches) == 2
    for batch in batches:
        assert [index < 6 for index in batch] == [True, True, True, False]


def test_seed_is_shared_between_ranks(monkeypatch):
    monkeypatch.setattr(f'{MODULE}.sync_random_seed', lambda: 77)
    drawn = MixedDatasetSampler(concat(9, 9), named([1, 1]))
    assert drawn.seed == 77
    assert list(drawn) == list(MixedDatasetSampler(concat(9, 9), named([1, 1]), seed=77))


@pytest.mark.parametrize(
    ('sizes', 'quotas', 'message'),
    [
        ((9, 9), dict(a=8), r"quotas are of \['a'\], but the data sets are \['a', 'b'\]"),
        ((9, 9), dict(a=8, c=8), r"of \['a', 'c'\]"),
        ((9, 9), dict(a=8, b=0), 'at least 1'),
        ((9, 9), dict(a=9, b=-1), 'at least 1'),
        ((9, 9), dict(a=2.0, b=2.0), 'whole numbers'),
        ((9, 0), dict(a=2, b=2), r"\{'a': 9, 'b': 0\} samples"),
        ((9, 9), [8, 8], r'quotas are \[8, 8\]; data sets have names now.*dict\(metric=8'),
    ],
)
def test_bad_quotas(sizes, quotas, message):
    with pytest.raises(ValueError, match=message):
        MixedDatasetSampler(concat(*sizes), quotas)


def test_a_quota_of_none_is_left_out(draw):
    sampler = MixedDatasetSampler(concat(9), dict(a=3, b=None))
    assert sampler.batch_size == 3


def test_not_a_concatenation_with_names():
    with pytest.raises(TypeError, match='is a builtins.range, expected .*ConcatDataset'):
        MixedDatasetSampler(range(9), named([2, 2]))
