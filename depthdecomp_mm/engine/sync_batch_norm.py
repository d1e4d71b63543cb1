"""BatchNorm over the batches of all processes, for which no process waits on its GPU."""

from __future__ import annotations

import torch
from torch import Tensor, distributed, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from depthdecomp_mm.mmengine_internals import BatchNorm
from depthdecomp_mm.models.encoders.fused_norms import restore_fused_activations


class SyncBatchNorm(BatchNorm):
    """BatchNorm whose statistics in training are those of all processes' batches together.

    PyTorch's layer sorts out processes without images by a mask, for which the host waits for the
    GPU and compilation stops. Here every process has some, so that a collective forward and one
    backward are enough. It works on CPUs, too. State dicts are those of BatchNorm.

    It takes the arguments of :class:`torch.nn.BatchNorm2d`.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        if input.dim() < 2:
            raise ValueError(f'expected (B, C, ...), found {tuple(input.shape)}')

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (B, C, ...), each channel by itself."""
        if not (self.training and distributed.is_initialized()) or distributed.get_world_size() < 2:
            return super().forward(x)
        self._check_input_dim(x)
        mean, var, count = _shared_statistics(x)
        if self.track_running_stats:
            self._track(mean, var * count / (count - 1))
        return _Normalise.apply(x, self.weight, self.bias, mean, var, count, self.eps)

    @torch.no_grad()
    def _track(self, mean: Tensor, var: Tensor) -> None:
        self.num_batches_tracked.add_(1)
        momentum = self.momentum
        if momentum is None:  # the mean of all batches
            momentum = self.num_batches_tracked.to(mean.dtype).reciprocal()
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), momentum)
        self.running_var.lerp_(var.to(self.running_var.dtype), momentum)


def share_statistics(model: nn.Module) -> None:
    """Make the BatchNorm layers of a model, in place, those of all processes together."""
    for module in model.modules():
        if isinstance(module, BatchNorm):
            module.__class__ = SyncBatchNorm
    restore_fused_activations(model)


@torch.no_grad()
def _shared_statistics(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean and variance (C, ) over all processes, and the number of pixels (1, )."""
    x = x.detach().to(torch.promote_types(x.dtype, torch.float32))
    own = [0, *range(2, x.dim())]
    var, mean = torch.var_mean(x, own, correction=0)
    packed = torch.cat([mean, var, mean.new_full((1,), x.numel() // x.shape[1])])
    every = packed.new_zeros(distributed.get_world_size(), len(packed))
    every[distributed.get_rank()] = packed
    distributed.all_reduce(every)  # what gathering would give; it is of one name in all versions
    means, variances, counts = every.split([len(mean), len(mean), 1], 1)
    count = counts.sum(0)
    mean = (counts * means).sum(0) / count
    # unlike the mean of the squares, it is as exact where the mean is large
    var = (counts * (variances + (means - mean).square())).sum(0) / count
    return mean, var, count


class _Normalise(torch.autograd.Function):
    """What depends on the batch's values, with the gradient through its statistics."""

    @staticmethod
    def forward(ctx, x, weight, bias, mean, var, count, eps):
        ctx.save_for_backward(x, weight, mean, var, count)
        ctx.eps = eps
        return F.batch_norm(x, mean, var, weight, bias, False, 0.0, eps)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad):
        x, weight, mean, var, count = ctx.saved_tensors
        parametrised = weight is not None
        weight = weight if parametrised else torch.ones_like(mean)
        fixed = (None, None, False, ctx.eps)  # as if the statistics were constants
        of_x, of_weight, of_bias = torch.ops.aten.native_batch_norm_backward(
            grad, x, weight, mean, var, *fixed, [True, True, True]
        )
        shared = torch.cat([of_weight, of_bias])
        distributed.all_reduce(shared)
        scale, shift = shared.view(2, -1) * weight * (var + ctx.eps).rsqrt() / -count
        of_x += F.batch_norm(x, mean, var, scale, shift, False, 0.0, ctx.eps)
        parameters = (of_weight, of_bias) if parametrised else (None, None)
        return of_x, *parameters, None, None, None, None
