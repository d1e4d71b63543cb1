"""How many samples could not be used."""

from __future__ import annotations

import torch
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.runner import Runner

from depthdecomp_mm.datasets.walking import leaf_datasets
from depthdecomp_mm.registry import HOOKS


@HOOKS.register_module()
class BadSampleHook(Hook):
    """Log after each epoch how many samples were replaced, where ``on_bad_sample='skip'``."""

    def __init__(self) -> None:
        self._before = 0

    def after_train_epoch(self, runner: Runner) -> None:
        """Sum up over data sets, worker processes and ranks."""
        datasets = list(leaf_datasets(runner.train_dataloader.dataset))
        if all(dataset.on_bad_sample == 'raise' for dataset in datasets):
            return
        count = torch.tensor(sum(dataset.num_bad_samples for dataset in datasets))
        all_reduce(count)
        total = int(count)
        runner.logger.info(
            f'Epoch {runner.epoch + 1}: {total - self._before} bad samples were replaced'
        )
        self._before = total
