"""Mixed precision that counts the steps it skips."""

from __future__ import annotations

import torch
from mmengine.optim import AmpOptimWrapper as _AmpOptimWrapper
from mmengine.optim import OptimWrapper

from depthdecomp_mm.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class AmpOptimWrapper(_AmpOptimWrapper):
    """MMEngine's ``AmpOptimWrapper``, also for CPUs, which counts skipped steps.

    With float16 a step is skipped where a gradient overflowed, and the loss scale halved. bfloat16
    has the range of float32: no loss scale is used, no step skipped. Losses are computed in
    float32 either way.

    Args:
        loss_scale: As in MMEngine; not used with bfloat16.
        dtype: ``'float16'`` (default on GPUs) or ``'bfloat16'`` (on CPUs always).
        **kwargs: Arguments of :class:`mmengine.optim.AmpOptimWrapper`.

    Attributes:
        skipped: Steps skipped in a row up to now.
        skipped_in_all: Steps skipped since the start of this process.

    Raises:
        ValueError: If float16 is asked for on a CPU.
    """

    def __init__(
        self, loss_scale: float | str | dict = 'dynamic', dtype: str | None = None, **kwargs
    ) -> None:
        self.skipped = self.skipped_in_all = 0
        if dtype == 'bfloat16':
            loss_scale = dict(enabled=False)
        if torch.cuda.is_available():
            super().__init__(loss_scale, dtype, **kwargs)
        else:
            if dtype not in (None, 'bfloat16'):
                raise ValueError(
                    f"AmpOptimWrapper: dtype is {dtype!r}, expected 'bfloat16' on a CPU"
                )
            kwargs.pop('use_fsdp', None)
            OptimWrapper.__init__(self, **kwargs)
            self._scale_update_param = None
            self.loss_scaler = torch.amp.GradScaler('cpu', enabled=False)
            self.cast_dtype = torch.bfloat16
        self._stepped = False
        self.optimizer.register_step_post_hook(self._note_step)

    def _note_step(self, optimizer: torch.optim.Optimizer, *_) -> None:
        overflowed = getattr(optimizer, 'found_inf', None)  # a fused one skips inside its kernel
        self._stepped = overflowed is None or not overflowed.item()

    def step(self, **kwargs) -> None:
        """Step, or skip the step."""
        self._stepped = False
        super().step(**kwargs)
        self.skipped = 0 if self._stepped else self.skipped + 1
        self.skipped_in_all += not self._stepped

    def load_state_dict(self, state_dict: dict) -> None:
        """Load a state; that of a run without a loss scale leaves the scale as it is."""
        if not state_dict.get('loss_scaler'):
            state_dict = {k: value for k, value in state_dict.items() if k != 'loss_scaler'}
        super().load_state_dict(state_dict)

    @property
    def scales_loss(self) -> bool:
        """Whether steps may be skipped."""
        return self.loss_scaler.is_enabled()
