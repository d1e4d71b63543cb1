"""The training loops."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

from mmengine.dist import barrier, get_rank, get_world_size, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop
from torch.utils.data import DataLoader

from depthdecomp_mm.mmengine_internals import end_workers, seed_differs_by_rank
from depthdecomp_mm.registry import LOOPS

from .checkpoint import INTERRUPTED, write_pointer
from .seeding import SeededSampler, seed_all, seeded_loader
from .termination import EXIT_STATUS, TerminationRequest


@LOOPS.register_module()
class DepthTrainLoop(EpochBasedTrainLoop):
    """Epochs that can be interrupted anywhere and go on as if they had not been.

    - What is random in a step follows from the seed, the rank and the number of the iteration, and
      in a sample from its place in the epoch: a resumed run draws the same.
    - A run resumed in the middle of an epoch passes over the batches it has behind it, and one
      that was killed during a validation repeats that validation.
    - At SIGTERM the step is finished, a checkpoint saved, and the process ends with status 143. A
      validation is finished first, unless there is one process alone and the epoch's checkpoint is
      saved.

    Samples are not seeded where the data loader has a ``batch_sampler`` of its own; resuming in the
    middle of an epoch then loads the batches it passes over.

    Args:
        runner: The runner.
        dataloader: The data loader or its config.
        **kwargs: As :class:`mmengine.runner.EpochBasedTrainLoop` takes them.
    """

    def __init__(self, runner, dataloader, **kwargs) -> None:
        if isinstance(dataloader, dict) and dataloader.get('batch_sampler') is None:
            per_rank = seed_differs_by_rank(runner)
            dataloader = seeded_loader(dataloader, runner.seed - per_rank * get_rank())
        super().__init__(runner, dataloader, **kwargs)
        self.termination = TerminationRequest()
        runner.register_hook(_LeaveValidationHook(self), 'LOWEST')

    def run(self):
        """Train until ``max_epochs``."""
        val_loop = self.runner.val_loop
        loaders = [self.dataloader, *([val_loop.dataloader] if val_loop else [])]
        for loader in loaders:
            self.termination.spare_workers(loader)
        with self.termination:
            self.runner.call_hook('before_train')
            if self._epoch and not self._batches_done():
                self._validate_if_due()
            while self._epoch < self._max_epochs and not self.stop_training:
                self.run_epoch()
                self._validate_if_due()
            self.runner.call_hook('after_train')
        for loader in loaders:
            end_workers(loader)
        if is_main_process():  # a checkpoint of the last epoch is there
            _remove(os.path.join(self.runner.work_dir, INTERRUPTED))
        return self.runner.model

    def run_epoch(self) -> None:
        """Train on what is left of an epoch."""
        done = self._batches_done()
        if not done:
            place = [self._epoch, self._iter, len(self.dataloader)]
            self.runner.message_hub.update_info('epoch_start', place)
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        for idx, data_batch in enumerate(self._batches_from(done), done):
            self.run_iter(idx, data_batch)
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1

    def run_iter(self, idx: int, data_batch: dict) -> None:
        """Train on a batch."""
        seed_all(self.runner.seed, get_rank(), self._iter)
        super().run_iter(idx, data_batch)
        self.termination.obey_interruption()
        if self.termination.any_rank_before():
            self._stop()

    def _batches_done(self) -> int:
        """Batches of this epoch that are behind a run resumed in its middle, else 0."""
        epoch, first_iter, length = self.runner.message_hub.get_info('epoch_start') or (-1, 0, 0)
        done = self._iter - first_iter if epoch == self._epoch else 0
        if done and length != len(self.dataloader):
            self.runner.logger.warning(
                f'epoch {epoch + 1} was interrupted after {done} of {length} batches, but has now '
                f'{len(self.dataloader)}: it starts again'
            )
            return 0
        return done

    def _batches_from(self, done: int) -> Iterator[dict]:
        sampler = self.dataloader.sampler
        if not isinstance(sampler, SeededSampler):
            return itertools.islice(self.dataloader, done, None)
        sampler.start = done * self.dataloader.batch_size
        return iter(self.dataloader)

    def _validate_if_due(self) -> None:
        hub = self.runner.message_hub
        self._decide_current_val_interval()
        due = self._epoch % self.val_interval == 0 or self._epoch == self._max_epochs
        if self.runner.val_loop is None or self._epoch < self.val_begin or not due:
            return
        if hub.get_info('epoch_validated') == self._epoch:
            return
        # set before, as the checkpoints saved for their metrics hold what followed from them
        hub.update_info('epoch_validated', self._epoch)
        self.runner.val_loop.run()
        if self.termination.any_rank():
            self._stop()

    def _stop(self) -> None:
        """Save, unless it is saved, and exit; all ranks together."""
        runner = self.runner
        if runner.saved_iter != self._iter:
            meta = dict(epoch=self._epoch, iter=self._iter)
            runner.save_checkpoint(runner.work_dir, INTERRUPTED, meta=meta, by_epoch=False)
            if is_main_process():
                write_pointer(runner.work_dir, os.path.join(runner.work_dir, INTERRUPTED))
        barrier()  # launchers kill all ranks when the first one ends
        self.leave()

    def leave(self) -> None:
        """Exit after SIGTERM; everything is saved."""
        self.runner.logger.warning(
            f'SIGTERM: stopped with a checkpoint of iteration {self._iter}; --resume goes on there'
        )
        self.runner.visualizer.close()
        raise SystemExit(EXIT_STATUS)


@LOOPS.register_module()
class DepthIterTrainLoop(IterBasedTrainLoop):
    """Iterations, as MMEngine counts them, without its pause of 2 s after each pass over the data.

    With a handful of frames a pass has a few steps, and the pauses would take most of the time.

    Args:
        runner: The runner.
        dataloader: The data loader or its config.
        **kwargs: As :class:`mmengine.runner.IterBasedTrainLoop` takes them.

    Raises:
        ValueError: If the data loader has no batch.
    """

    def __init__(self, runner, dataloader, **kwargs) -> None:
        super().__init__(runner, dataloader, **kwargs)
        if not len(self.dataloader):
            raise ValueError(
                f'train_dataloader has no batch: {len(self.dataloader.dataset)} samples, '
                f'batch_size {self.dataloader.batch_size}'
            )
        self.dataloader_iterator = _passes(self.dataloader)


def _passes(loader: DataLoader) -> Iterator[dict]:
    """The batches of one pass over the data after the other."""
    samplers = loader.sampler, getattr(loader.batch_sampler, 'sampler', None)
    for number in itertools.count():
        for sampler in samplers:
            if hasattr(sampler, 'set_epoch'):
                sampler.set_epoch(number)
        yield from loader


class _LeaveValidationHook(Hook):
    """Leaves a validation after SIGTERM if a checkpoint holds all that came before it.

    Several ranks could not agree on it, as they may have different numbers of validation batches.
    """

    def __init__(self, loop: DepthTrainLoop) -> None:
        self.loop = loop

    def after_val_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        alone = get_world_size() == 1
        if alone and self.loop.termination.received and runner.saved_iter == self.loop.iter:
            self.loop.leave()


def _remove(path: str) -> None:
    if os.path.exists(path):
        os.remove(path)
