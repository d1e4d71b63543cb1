"""BatchNorm folded into the convolutions before it, for prediction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from timm.layers import Conv2dSame
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from depthdecomp_mm.mmengine_internals import BatchNorm

from .depth_decomposer import DepthDecomposer
from .encoders.timm_encoder import _FixedPadConv2d

TOLERANCE = 1e-4
# others may do to their weights what folding must not precede, as weight standardisation does
CONVOLUTIONS = (nn.Conv2d, Conv2dSame, _FixedPadConv2d)


@torch.no_grad()
def fuse_conv_bn(model: DepthDecomposer) -> int:
    """Fold every BatchNorm layer that directly follows a convolution into that, in place.

    What follows what is seen in a pass of a small random image, so that it holds for any encoder;
    a second pass makes sure that the outputs are what they were. The model then serves for
    prediction only, and its state dict has other names than a checkpoint's.

    Args:
        model: A model in evaluation mode, with its final weights.

    Returns:
        Number of layers that were folded.

    Raises:
        ValueError: If the model is in training mode.
        RuntimeError: If the outputs differ by more than 1e-4 of their largest value.
    """
    if model.training:
        raise ValueError('fuse_conv_bn needs a model in evaluation mode: call model.eval() first')
    weight = next(model.parameters())
    side = 2 * model.encoder.size_divisor
    image = torch.rand(1, 3, side, side).to(weight)
    with _full_precision():
        pairs, before = _watch(model, image)
    for conv, norm in pairs:
        fused = fuse_conv_bn_weights(
            conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight,
            norm.bias,
        )  # fmt: skip
        conv.weight, conv.bias = fused
    # timm's BatchNorm layers carry the activation that follows them
    _replace(model, {norm: getattr(norm, 'act', None) or nn.Identity() for _, norm in pairs})
    model.to(memory_format=model.memory_format)
    with _full_precision():
        after = model.raw_outputs(image)
    for name, out in after.items():
        difference = ((out - before[name]).abs().max() / before[name].abs().max()).item()
        if not difference <= TOLERANCE:
            raise RuntimeError(
                f'fuse_conv_bn: {name} changed by {difference:.1e} of its largest value, expected '
                f'at most {TOLERANCE:g}; load the model again without fuse_conv_bn, which '
                f'{type(model.encoder).__name__} cannot be used with'
            )
    return len(pairs)


@contextmanager
def _full_precision() -> Iterator[None]:
    """GPUs round the inputs of cuDNN's convolutions to TF32, which hides what folding changes."""
    cudnn = torch.backends.cudnn  # its flags() sets the precisions, too, and may clash with theirs
    before, cudnn.enabled = cudnn.enabled, False
    try:
        yield
    finally:
        cudnn.enabled = before


def _watch(
    model: DepthDecomposer, image: Tensor
) -> tuple[list[tuple[nn.Conv2d, BatchNorm]], dict[str, Tensor]]:
    """Run the model; return each convolution with the BatchNorm that reads it, and the outputs."""
    made: dict[int, tuple[nn.Conv2d, Tensor]] = {}  # holds the tensors, so that no id comes twice
    pairs, calls = [], Counter()

    def after_conv(conv: nn.Conv2d, _, out: Tensor) -> None:
        made[id(out)] = conv, out
        calls[conv] += 1

    def before_norm(norm: BatchNorm, args: tuple) -> None:
        conv, _ = made.get(id(args[0]), (None, None))
        calls[norm] += 1
        if conv is not None and norm.running_var is not None:
            pairs.append((conv, norm))

    hooks = []
    for module in model.modules():
        if type(module) in CONVOLUTIONS:
            hooks.append(module.register_forward_hook(after_conv))
        elif isinstance(module, BatchNorm):
            hooks.append(module.register_forward_pre_hook(before_norm))
    try:
        outputs = model.raw_outputs(image)
    finally:
        for hook in hooks:
            hook.remove()
    readers = Counter(conv for conv, _ in pairs)
    once = [p for p in pairs if calls[p[0]] == calls[p[1]] == readers[p[0]] == 1]
    return once, outputs


def _replace(model: nn.Module, replacements: dict[nn.Module, nn.Module]) -> None:
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if child in replacements:
                setattr(parent, name, replacements[child])
