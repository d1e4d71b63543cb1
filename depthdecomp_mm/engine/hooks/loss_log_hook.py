"""The losses of training, fetched from the GPU once in a while."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from mmengine.dist import all_reduce
from mmengine.hooks import LoggerHook, RuntimeInfoHook
from mmengine.runner import Runner
from torch import Tensor

from depthdecomp_mm.registry import HOOKS


@dataclass(frozen=True)
class Step:
    """What a step of training has given.

    Attributes:
        epoch: Its epoch, from 1.
        iteration: Its number, from 1.
        samples: Paths of its images on this rank.
        terms: Losses by name on this rank.
        is_finite: Whether the losses of all ranks are.
    """

    epoch: int
    iteration: int
    samples: list[str]
    terms: dict[str, float]
    is_finite: bool = True

    @classmethod
    def now(cls, runner: Runner, data_batch: dict | None, terms: dict) -> Step:
        """That of the present iteration."""
        samples = data_batch.get('data_samples') if isinstance(data_batch, dict) else None
        paths = [str(sample.metainfo.get('img_path')) for sample in samples or ()]
        return cls(runner.epoch + 1, runner.iter + 1, paths, terms)


@HOOKS.register_module()
class LossLogHook(RuntimeInfoHook):
    """MMEngine's ``RuntimeInfoHook``, which fetches the losses once in a logging interval.

    Whoever asks for a number waits until the GPU has come to it, which then has nothing to do next.
    So losses stay where they are until they are logged, an epoch ends or a checkpoint is saved.
    Then all hooks with a method ``after_losses_read(runner, steps)`` are told of each :class:`Step`
    since the last time.
    """

    def __init__(self) -> None:
        self._pending: list[tuple[Step, list[str], Tensor]] = []

    def before_train(self, runner: Runner) -> None:
        """Find out how often losses are logged."""
        super().before_train(runner)
        loggers = [hook.interval for hook in runner.hooks if isinstance(hook, LoggerHook)]
        self._interval = math.gcd(*loggers) or len(runner.train_dataloader)

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        """Keep the losses for later, or read them."""
        if outputs:
            self._pending.append(
                (Step.now(runner, data_batch, {}), list(outputs), _stacked(outputs))
            )
        last = self.end_of_epoch(runner.train_dataloader, batch_idx)
        if last or self.every_n_inner_iters(batch_idx, self._interval):
            self.read_losses(runner)

    def read_losses(self, runner: Runner) -> None:
        """Log the losses that are pending; all ranks together."""
        if not self._pending:
            return
        steps, names, values = zip(*self._pending, strict=True)
        self._pending.clear()
        finite = torch.stack([value.isfinite().all() for value in values]).float()
        all_reduce(finite, 'min')
        numbers = iter(torch.cat([finite, *values]).cpu().tolist())  # the one that waits
        finite = [next(numbers) > 0 for _ in steps]
        terms = [{name: next(numbers) for name in own} for own in names]
        steps = [
            replace(step, terms=own, is_finite=flag)
            for step, own, flag in zip(steps, terms, finite, strict=True)
        ]
        for step in steps:
            runner.message_hub.update_scalars({f'train/{k}': v for k, v in step.terms.items()})
        runner.call_hook('after_losses_read', steps=steps)


def _stacked(terms: dict) -> Tensor:
    """Scalars (n, ) on the GPU, if one of them is there."""
    values = [torch.as_tensor(value).detach().reshape(()) for value in terms.values()]
    device = next((value.device for value in values if value.is_cuda), values[0].device)
    return torch.stack([value.to(device, torch.float32) for value in values])
