"""Output maps that have lost their structure, which no loss shows."""

from __future__ import annotations

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from depthdecomp_mm.engine.unwrapping import unwrapped
from depthdecomp_mm.registry import HOOKS


@HOOKS.register_module()
class FlatMapHook(Hook):
    """Warn after each epoch in which an output map of the network was flat.

    A decoder can die in training: the ReLUs before its head give zero, no gradient comes back, and
    its map is one value everywhere. Losses stay finite, as the map then has the right mean. The
    spread of a map over the pixels of an image, beside that of the ground truth, shows it. It is
    computed on the training batch of every ``interval``-th iteration and looked at once an epoch,
    so that no step waits for the device. In a distributed run it is that of the first process.

    Args:
        interval: Iterations from one batch to the next.
        threshold: Share of the ground truth's spread below which a map is flat. The median counts
            over the batches of the second half of the epoch.
    """

    def __init__(self, interval: int = 5, threshold: float = 0.02) -> None:
        self.interval = interval
        self.threshold = threshold
        self._spreads: dict[str, list[Tensor]] = {}

    def before_train_epoch(self, runner: Runner) -> None:
        """Forget the epoch before."""
        self._spreads = {}

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        """Compute the spreads of a batch, without waiting for them."""
        if not self.every_n_inner_iters(batch_idx, self.interval):
            return
        model = unwrapped(runner.model)
        for name, maps in (getattr(model, 'training_maps', None) or {}).items():
            self._spreads.setdefault(name, []).append(relative_spread(*maps))

    def after_train_epoch(self, runner: Runner) -> None:
        """Name the maps that are flat."""
        for name, spreads in self._spreads.items():
            spread = torch.stack(spreads[len(spreads) // 2 :]).nanmedian().item()
            if spread < self.threshold:
                runner.logger.warning(
                    f'Epoch {runner.epoch + 1}: the map {name!r} is flat: its spread over an image '
                    f'is {100 * spread:.2g} % of that of the ground truth (median of the second '
                    'half of the epoch). A decoder that has died does not recover, and the loss '
                    'does not show it: if the map stays so, train again with a lower '
                    f'optim_wrapper.optimizer.lr{_ADVICE.get(name, "")}'
                )


_ADVICE = {
    'metric': ', a longer warm-up in param_scheduler, or model.metric_decoder.mdr.initial_mean '
    "near the data's mean of 1 / (metres + 1), if that is what M-Net regresses"
}


def relative_spread(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Standard deviation of maps over the valid pixels beside that of their targets.

    Args:
        pred: (B, C, h, w).
        target: (B, C, h, w); any value where invalid.
        mask: (B, C, h, w) bool, valid pixels.

    Returns:
        Scalar, the ratio of the means over the maps; NaN if there is nothing to compare.
    """
    return _spread(pred, mask) / _spread(target, mask)


def _spread(maps: Tensor, mask: Tensor) -> Tensor:
    """Sum of the standard deviations of the maps, each over its valid pixels."""
    count = mask.sum((2, 3), keepdim=True).clamp(min=1)
    centred = maps.where(mask, 0) - maps.where(mask, 0).sum((2, 3), keepdim=True) / count
    return (centred.where(mask, 0).square().sum((2, 3), keepdim=True) / count).sqrt().sum()
