"""What happens when the loss is not a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner

from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.files import write_json
from depthdecomp_mm.registry import HOOKS

from .loss_log_hook import LossLogHook, Step


@HOOKS.register_module()
class NonFiniteLossHook(Hook):
    """Stop training when the loss is infinite or not a number, and say where that came from.

    Losses are looked at when :class:`LossLogHook` reads them, which is once in a logging interval
    and before anything is saved. Every rank then writes ``non_finite_loss_rank<rank>.json`` to the
    work directory, with the phase, the iteration, each loss term and the batch's samples. No
    checkpoint is written, neither then nor when a weight is not finite. With a loss scale
    (``--amp`` with float16) it is normal that steps are skipped: they are counted, and training
    stops when too many follow one another.

    Args:
        max_skipped_steps: How many steps in a row may be skipped with a loss scale.

    Raises:
        ConfigError: If the run has no :class:`LossLogHook`, as :class:`DepthRunner` has.
        FloatingPointError: When training stops.
    """

    priority = 'VERY_HIGH'  # before anything is saved

    def __init__(self, max_skipped_steps: int = 50) -> None:
        self.max_skipped_steps = max_skipped_steps
        self._skipped = 0

    def before_train(self, runner: Runner) -> None:
        """Make sure that losses are read."""
        if not any(isinstance(hook, LossLogHook) for hook in runner.hooks):
            raise ConfigError(
                'NonFiniteLossHook is told of losses by LossLogHook: set '
                "default_hooks.runtime_info=dict(type='depthdecomp_mm.LossLogHook')"
            )

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        """Count the steps that the optimiser skips."""
        optim = runner.optim_wrapper
        if not _scales_loss(runner) or optim.skipped_in_all == self._skipped:
            return
        self._skipped = optim.skipped_in_all
        runner.logger.warning(
            f'iteration {runner.iter + 1}: step skipped, gradients overflowed '
            f'({optim.skipped} in a row, {self._skipped} in all)'
        )
        if optim.skipped > self.max_skipped_steps:
            terms = {name: float(value) for name, value in (outputs or {}).items()}
            step = Step.now(runner, data_batch, terms)
            self._stop(runner, step, f'{optim.skipped} steps in a row were skipped')

    def after_losses_read(self, runner: Runner, steps: Sequence[Step]) -> None:
        """Stop at the first step whose loss was not finite on some rank."""
        first = next((step for step in steps if not step.is_finite), None)
        if first and not _scales_loss(runner):
            self._stop(runner, first, 'the loss is not finite')

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Refuse to write weights that are not finite over good ones."""
        for name, value in checkpoint['state_dict'].items():
            if not torch.isfinite(value).all():
                raise FloatingPointError(
                    f'{name} is not finite at iteration {runner.iter}: no checkpoint was written'
                )

    def _stop(self, runner: Runner, step: Step, reason: str) -> None:
        report = dict(
            reason=reason,
            phase=runner.experiment_name,
            epoch=step.epoch,
            iteration=step.iteration,
            rank=get_rank(),
            terms={name: str(value) for name, value in step.terms.items()},
            samples=step.samples,
        )
        path = Path(runner.work_dir, f'non_finite_loss_rank{get_rank()}.json')
        write_json(path, report, indent=2)
        bad = {name: value for name, value in step.terms.items() if not math.isfinite(value)}
        raise FloatingPointError(
            f'{reason} at iteration {step.iteration} of {runner.experiment_name}: '
            f'{bad or "on another rank"}; the samples are in {path}'
        )


def _scales_loss(runner: Runner) -> bool:
    return getattr(runner.optim_wrapper, 'scales_loss', False)
