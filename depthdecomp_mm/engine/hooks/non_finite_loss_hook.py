"""What happens when the loss is not a number."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from mmengine.dist import all_reduce, get_rank, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner

from depthdecomp_mm.files import write_json
from depthdecomp_mm.registry import HOOKS


@HOOKS.register_module()
class NonFiniteLossHook(Hook):
    """Stop training when the loss is infinite or not a number, and say where that came from.

    Every rank then writes ``non_finite_loss_rank<rank>.json`` to the work directory, with the
    phase, the iteration, each loss term and the batch's samples. No checkpoint is written, neither
    then nor when a weight is not finite. With a loss scale (``--amp`` with float16) it is normal
    that steps are skipped: they are counted, and training stops when too many follow one another.

    Args:
        max_skipped_steps: How many steps in a row may be skipped with a loss scale.

    Raises:
        FloatingPointError: When training stops.
    """

    priority = 'VERY_HIGH'  # before anything is saved

    def __init__(self, max_skipped_steps: int = 50) -> None:
        self.max_skipped_steps = max_skipped_steps
        self._skipped = 0

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        """Look at the loss terms and at the optimiser's last step."""
        optim, terms = runner.optim_wrapper, _numbers(outputs or {})
        if not getattr(optim, 'scales_loss', False):
            if not self._on_all_ranks(all(map(math.isfinite, terms.values()))):
                self._stop(runner, terms, data_batch, 'the loss is not finite')
            return
        if optim.skipped_in_all == self._skipped:
            return
        self._skipped = optim.skipped_in_all
        runner.logger.warning(
            f'iteration {runner.iter + 1}: step skipped, gradients overflowed '
            f'({optim.skipped} in a row, {self._skipped} in all)'
        )
        if optim.skipped > self.max_skipped_steps:
            self._stop(runner, terms, data_batch, f'{optim.skipped} steps in a row were skipped')

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Refuse to write weights that are not finite over good ones."""
        for name, value in checkpoint['state_dict'].items():
            if not torch.isfinite(value).all():
                raise FloatingPointError(
                    f'{name} is not finite at iteration {runner.iter}: no checkpoint was written'
                )

    @staticmethod
    def _on_all_ranks(flag: bool) -> bool:
        if get_world_size() == 1:
            return flag
        value = torch.tensor(int(flag))
        all_reduce(value, 'min')
        return bool(value)

    def _stop(self, runner: Runner, terms: dict, data_batch: dict | None, reason: str) -> None:
        samples = (data_batch or {}).get('data_samples') or ()
        report = dict(
            reason=reason,
            phase=runner.experiment_name,
            epoch=runner.epoch + 1,
            iteration=runner.iter + 1,
            rank=get_rank(),
            terms={name: str(value) for name, value in terms.items()},
            samples=[str(sample.metainfo.get('img_path')) for sample in samples],
        )
        path = Path(runner.work_dir, f'non_finite_loss_rank{get_rank()}.json')
        write_json(path, report, indent=2)
        bad = {name: value for name, value in terms.items() if not math.isfinite(value)}
        raise FloatingPointError(
            f'{reason} at iteration {report["iteration"]} of {report["phase"]}: '
            f'{bad or "on another rank"}; the samples are in {path}'
        )


def _numbers(outputs: dict) -> dict[str, float]:
    """Scalars by name, fetched together: each fetch would wait for the GPU."""
    if not outputs:
        return {}
    values = [torch.as_tensor(value) for value in outputs.values()]
    device = next((value.device for value in values if value.is_cuda), values[0].device)
    stacked = torch.stack([value.detach().to(device, torch.float32) for value in values])
    return dict(zip(outputs, stacked.tolist(), strict=True))
