"""A decoder that starts from another one's weights."""

from __future__ import annotations

from mmengine.hooks import Hook
from mmengine.runner import Runner

from depthdecomp_mm.engine.unwrapping import unwrapped
from depthdecomp_mm.registry import HOOKS


@HOOKS.register_module()
class DecoderStartHook(Hook):
    """Start a decoder that a loaded checkpoint lacks from the weights of its guide.

    Phase 2 starts from a checkpoint without M-Net. From random weights it has to learn anew what
    N-Net knows already, within the steps of one phase. Both have the same layers but the MDR block;
    so M-Net can start as N-Net is, with a map that is N-Net's times ``scale``. The paper does not
    say how M-Net starts. What the checkpoint holds, as on resuming, stays as it is.

    Args:
        decoder: Attribute of the model that starts from another one.
        source: Attribute of the decoder whose weights it takes, where they have the same shape.
        scale: Factor on the last convolution. From a normalized to a metric map it is the typical
            standard deviation of an image in the model's representation.
        mean: Mean of the map that it starts with, where no MDR block gives one: from a normalized
            to a metric map that of the data. About 0, half of a map in ``1 / (metres + 1)`` would
            be beyond the farthest depth, where neither depth nor its logarithm has a gradient.
    """

    def __init__(
        self,
        decoder: str = 'metric_decoder',
        source: str = 'normalized_decoder',
        scale: float = 1.0,
        mean: float = 0.0,
    ) -> None:
        self.decoder = decoder
        self.source = source
        self.scale = scale
        self.mean = mean

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the weights to those of the checkpoint."""
        state = checkpoint['state_dict']
        if any(name.startswith(f'{self.decoder}.') for name in state):
            return
        model = unwrapped(runner.model)
        shapes = {name: value.shape for name, value in model.state_dict().items()}
        taken = {}
        for name, value in state.items():
            target = self.decoder + name.removeprefix(self.source)
            if name.startswith(f'{self.source}.') and shapes.get(target) == value.shape:
                taken[target] = value * (self.scale if '.predict.' in name else 1)
        bias = f'{self.decoder}.predict.bias'
        if bias in taken and not getattr(model, self.decoder).predicts_mean:
            taken[bias] = taken[bias] + self.mean
        if taken:
            runner.logger.info(f'{self.decoder} starts from the weights of {self.source}')
        state.update(taken)
