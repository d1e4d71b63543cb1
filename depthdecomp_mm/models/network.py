"""The network of Fig. 2: images in, the raw outputs of its branches out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor, nn

from depthdecomp_mm.registry import MODELS, with_our_scope

from .compiled import CompiledNetwork

# decoder: (what it predicts, output channels), in the order in which one guides the next
BRANCHES = {
    'gradient_decoder': ('gradients', 2),
    'normalized_decoder': ('normalized', 1),
    'metric_decoder': ('metric', 1),
}
OUTPUTS = ('gradients', 'normalized', 'metric', 'mean')


def output_size(size: tuple[int, int]) -> tuple[int, int]:
    """(h, w) of the outputs for images of (H, W): the half, rounded up."""
    return -(-size[0] // 2), -(-size[1] // 2)


class DecompositionNetwork(BaseModel):
    """Encoder and decoders, each decoder guided by the one before it.

    Args:
        encoder: Config of the encoder.
        decoders: Config of each decoder by its name in :data:`BRANCHES`, None for one that is left
            out. The ``channels`` of a decoder begin with those of the four features that guide, or
            are guided.
        channels_last: Keep images and convolution weights in channels-last memory format.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: MMEngine's initialisation config.

    Attributes:
        outputs: Names of what it predicts, of :data:`OUTPUTS`.

    Raises:
        ValueError: If there is no decoder, or one lacks the guide that its config weighs, or has
            other channels than its guide.
    """

    def __init__(
        self,
        encoder: dict,
        decoders: Mapping[str, dict | None],
        channels_last: bool = False,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(with_our_scope(data_preprocessor, MODELS), init_cfg)
        self.encoder = MODELS.build(with_our_scope(encoder, MODELS))
        self.decoders: dict[str, str] = {}  # output name: attribute
        for attribute, (output, channels) in BRANCHES.items():
            if decoders[attribute] is None:
                continue
            default = dict(in_channels=self.encoder.out_channels, out_channels=channels)
            if 'fusion_weights' in decoders[attribute] and not self.decoders:
                raise ValueError(
                    f'{attribute}.fusion_weights is set, but there is no decoder before it that '
                    'could guide it: leave it out, or add one'
                )
            config = with_our_scope(decoders[attribute], MODELS)
            decoder = MODELS.build(config, default_args=default)
            self._check_guide(attribute, decoder)
            setattr(self, attribute, decoder)
            self.decoders[output] = attribute
        if not self.decoders:
            raise ValueError(f'{type(self).__name__} needs at least one of {tuple(BRANCHES)}')
        self.outputs = tuple(self.decoders)
        if 'metric' in self.decoders and self.metric_decoder.predicts_mean:
            self.outputs += ('mean',)
        self.memory_format = torch.channels_last if channels_last else torch.preserve_format
        self.to(memory_format=self.memory_format)
        self._network = type(self)._raw_outputs  # :meth:`compile` replaces it

    def _check_guide(self, attribute: str, decoder: nn.Module) -> None:
        """Whether the features of the decoder before can be added to those of this one."""
        if not self.decoders:
            return
        *_, guide = self.decoders.values()
        own, its = decoder.channels[:4], getattr(self, guide).channels[:4]
        if own != its:
            raise ValueError(
                f'{guide} guides {attribute}, so their first four channels must be the same, '
                f'but found {its} and {own}'
            )

    def compile(self, **kwargs) -> None:
        """Let :func:`torch.compile` make the network faster, from the next batch on.

        Images to raw outputs are compiled, in every mode; samples, losses and metrics are not. See
        :class:`~depthdecomp_mm.models.compiled.CompiledNetwork`.

        Args:
            **kwargs: Arguments of :func:`torch.compile`.
        """
        # of the class, not of this object: a copy of the model has weights of its own
        self._network = CompiledNetwork(type(self)._raw_outputs, **kwargs)

    def raw_outputs(self, inputs: Tensor, outputs: Sequence[str] | None = None) -> dict:
        """Raw branch outputs at network resolution, half of the input's (rounded up).

        Inputs whose size the encoder does not divide are padded at the right and bottom, and the
        outputs cropped.

        Args:
            inputs: (B, 3, H, W), normalised images.
            outputs: Names of the outputs wanted, all by default. What none of them needs, such as
                the last blocks of G- and N-Net for the metric map alone, is not computed.

        Returns:
            ``gradients`` (B, 2, h, w), differences of the normalized map to the next pixel;
            ``normalized`` (B, 1, h, w), unitless; ``metric`` (B, 1, h, w), in the model's
            representation, neither decoded nor clamped; ``mean`` (B, 1, 1, 1), likewise.
        """
        wanted = self.outputs if outputs is None else [o for o in outputs if o in self.outputs]
        return self._network(self, inputs, wanted)

    def _raw_outputs(self, inputs: Tensor, wanted: Sequence[str]) -> dict:
        height, width = inputs.shape[-2:]
        out_height, out_width = output_size((height, width))
        divisor = self.encoder.size_divisor
        inputs = F.pad(inputs, (0, -width % divisor, 0, -height % divisor))
        features = self.encoder(inputs.to(memory_format=self.memory_format))
        raw, guides = {}, None
        for output, steps in self._steps(wanted).items():
            decoded = getattr(self, self.decoders[output])(features, guides, steps)
            guides = decoded.features
            if decoded.maps is not None:
                raw[output] = decoded.maps[..., :out_height, :out_width]
            if decoded.mean is not None:
                raw['mean'] = decoded.mean
        return {name: raw[name] for name in wanted}

    def _steps(self, wanted: Sequence[str]) -> dict[str, int | None]:
        """How many features of each decoder are needed, None for all and its maps.

        A decoder that stops at its k-th feature has used k - 1 of its guide's.
        """
        steps, needed = {}, 0
        for output in reversed(self.decoders):
            maps = output in wanted or (output == 'metric' and 'mean' in wanted)
            if maps or needed:
                steps[output] = None if maps else needed
            needed = 4 if maps else max(needed - 1, 0)
        return dict(reversed(steps.items()))
