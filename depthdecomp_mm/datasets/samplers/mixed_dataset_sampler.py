"""Batches that hold a fixed number of samples of each data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from depthdecomp_mm.datasets.concat_dataset import ConcatDataset
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class MixedDatasetSampler(Sampler[int]):
    """Draws every batch from several data sets by fixed quotas.

    The first data set defines the epoch: one pass over it, split disjointly between the ranks.
    Every other one is an endless stream of its own permutations, reshuffled at each pass, which
    goes on across epochs where it stopped. What an epoch draws follows from the seed and the
    epoch's number alone, so that a resumed run continues with the same samples, nothing saved.

    It is the ``sampler`` of a data loader whose ``batch_size`` is the sum of the quotas: any so
    many consecutive indices hold the quotas, data set by data set.

    Args:
        dataset: The data sets, concatenated.
        quotas: Samples of each data set in a batch of one rank, by the data sets' names, such as
            ``dict(metric=8, relative=8)``. A quota of None is left out.
        shuffle: Whether the passes are shuffled.
        seed: Seed of the permutations, the same on all ranks; None to draw and share one.
        round_up: Whether an epoch ends by filling its last batches with the first samples of the
            pass again; otherwise it leaves out the samples that would not fill them.

    Raises:
        TypeError: If ``dataset`` has no ``names``, as our :class:`ConcatDataset` has.
        ConfigError: If the quotas do not fit the data sets.
        ValueError: If a data set is empty, or the first one gives no batch.
    """

    def __init__(
        self,
        dataset: ConcatDataset,
        quotas: Mapping[str, int],
        shuffle: bool = True,
        seed: int | None = None,
        round_up: bool = True,
    ) -> None:
        if not hasattr(dataset, 'names'):
            raise TypeError(
                f'dataset is a {type(dataset).__module__}.{type(dataset).__name__}, expected '
                'depthdecomp_mm.ConcatDataset, whose data sets have names'
            )
        if hasattr(dataset, 'full_init'):
            dataset.full_init()
        self.sizes = [len(source) for source in dataset.datasets]
        self.quotas = quotas_in_order(quotas, dataset.names)
        if not all(self.sizes):
            found = dict(zip(dataset.names, self.sizes, strict=True))
            raise ValueError(f'the data sets have {found} samples, expected at least 1 each')
        self.rank, self.world_size = get_dist_info()
        self.dataset = dataset
        self.batch_size = sum(self.quotas)
        self.shuffle = shuffle
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        self.round_up = round_up

        global_quota = self.world_size * self.quotas[0]
        self.num_batches = (self.sizes[0] + (global_quota - 1) * round_up) // global_quota
        if self.num_batches == 0:
            raise ValueError(
                f'the first data set has {self.sizes[0]} samples, expected at least {global_quota} '
                f'({self.world_size} ranks x quota {self.quotas[0]}) where round_up is False'
            )

    def __len__(self) -> int:
        """The number of indices of this rank in an epoch."""
        return self.num_batches * self.batch_size

    def __iter__(self) -> Iterator[int]:
        """Iterate over this rank's indices into the concatenation."""
        offsets = np.cumsum([0, *self.sizes[:-1]])
        columns = []
        for source, (quota, offset) in enumerate(zip(self.quotas, offsets, strict=True)):
            window = self._window(source, self.num_batches * self.world_size * quota)
            columns.append(offset + window.reshape(-1, self.world_size, quota)[:, self.rank])
        return iter(np.concatenate(columns, axis=1).ravel().tolist())

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch that the next iteration draws."""
        self.epoch = epoch

    def _window(self, source: int, length: int) -> np.ndarray:
        """What all ranks together draw from a source in this epoch: (length, ) indices into it."""
        size = self.sizes[source]
        if source == 0:
            return self._permutation(source, self.epoch)[np.arange(length) % size]
        start = self.epoch * length
        first, last = start // size, (start + length - 1) // size
        stream = [self._permutation(source, cycle) for cycle in range(first, last + 1)]
        return np.concatenate(stream)[start - first * size :][:length]

    def _permutation(self, source: int, cycle: int) -> np.ndarray:
        if not self.shuffle:
            return np.arange(self.sizes[source])
        return np.random.default_rng([self.seed, source, cycle]).permutation(self.sizes[source])


def quotas_in_order(quotas: Mapping[str, int], names: Sequence[str]) -> list[int]:
    """The quotas in the order of the data sets' names.

    Raises:
        ConfigError: If they have no names or those of other data sets, or one is no whole number.
    """
    if not isinstance(quotas, Mapping):
        raise ConfigError(
            f'quotas are {quotas!r}; data sets have names now, so that a child config states what '
            'differs: quotas=dict(metric=8, relative=8)'
        )
    quotas = {name: quota for name, quota in quotas.items() if quota is not None}
    if set(quotas) != set(names):
        raise ConfigError(f'quotas are of {list(quotas)}, but the data sets are {list(names)}')
    if any(not isinstance(quota, int) or quota < 1 for quota in quotas.values()):
        raise ConfigError(f'quotas are {quotas}, expected whole numbers of at least 1')
    return [quotas[name] for name in names]
