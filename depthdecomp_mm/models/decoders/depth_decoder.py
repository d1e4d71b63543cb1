"""The decoder that serves as G-Net, N-Net and M-Net (Section 3.2, Fig. 2(b))."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mmengine.model import BaseModule
from torch import Tensor, nn

from depthdecomp_mm.models.layers import ChannelAttention, UpBlock, in_float32
from depthdecomp_mm.registry import MODELS


class DecoderOutput(NamedTuple):
    """What a decoder gives.

    Attributes:
        features: The features that may guide another decoder, four or the first of them: the
            projected head feature and the outputs of the first three up-blocks, before a guide was
            added to them, (B, C, H, W) each, coarsest first.
        maps: (B, out_channels, H, W) at half the input's resolution, or None if not asked for.
        mean: (B, 1, 1, 1) mean that the MDR block regressed (already part of ``maps``), or None.
    """

    features: tuple[Tensor, ...]
    maps: Tensor | None
    mean: Tensor | None


@MODELS.register_module()
class DepthDecoder(BaseModule):
    """Five up-blocks over the encoder's features.

    Features of a guiding decoder are added before each of the first four blocks with the weights of
    Eq. 6; an MDR block may stand between the fourth and the fifth, its mean is added to the output.
    Defaults are those of the authors' released network. The paper's text is reached by
    ``norm_cfg=None, act_cfg=dict(type='ReLU'), skip_projection=True``.

    Args:
        in_channels: Channels of the encoder's five features, finest first.
        out_channels: Channels of the output: 2 for gradients, 1 for a normalized or metric map.
        channels: Channels of the projected head feature and of the five blocks. By default they
            follow the encoder: half of its head feature's, halved at each step, at least 32, which
            is (1024, 512, 256, 128, 64, 32) for EfficientNet-B5.
        fusion_weights: Weights of the guide's and of the decoder's own feature (Eq. 6).
        skip_projection: Put a 1 x 1 convolution before the channel attention of each skip.
        mdr: Config of the MDR block.
        norm_cfg: Normalisation of the first four blocks.
        act_cfg: Activation of the first four blocks.
        init_cfg: MMEngine's initialisation config.

    Raises:
        ValueError: If ``in_channels`` or ``channels`` has another length than 5 and 6.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int,
        channels: Sequence[int] | None = None,
        fusion_weights: tuple[float, float] = (1.0, 1.0),
        skip_projection: bool = False,
        mdr: dict | None = None,
        norm_cfg: dict | None = dict(type='BN'),  # noqa: B006, never modified
        act_cfg: dict = dict(type='LeakyReLU', negative_slope=0.01),  # noqa: B006
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if channels is None:
            channels = [max(in_channels[-1] // 2**step, 32) for step in range(1, 7)]
        if len(in_channels) != 5 or len(channels) != 6:
            raise ValueError(
                'DepthDecoder expects in_channels of 5 features and channels of 6 steps, but found '
                f'{tuple(in_channels)} and {tuple(channels)}'
            )
        *skips, head = in_channels
        skips = skips[::-1]
        self.channels = tuple(channels)
        self.fusion_weights = tuple(fusion_weights)
        self.head_attention = ChannelAttention(head)
        self.head_conv = nn.Conv2d(head, channels[0], 1)
        self.skips = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(skip, skip, 1) if skip_projection else nn.Identity(),
                ChannelAttention(skip),
            )
            for skip in skips
        )
        self.ups = nn.ModuleList(
            UpBlock(channels[i], skip, channels[i + 1], norm_cfg, act_cfg)
            for i, skip in enumerate(skips)
        )
        self.mdr = MODELS.build(mdr, default_args=dict(in_channels=channels[4])) if mdr else None
        self.last_up = UpBlock(channels[4], 0, channels[5], None, dict(type='ReLU'))
        self.predict = nn.Conv2d(channels[5], out_channels, 3, padding=1)

    @property
    def predicts_mean(self) -> bool:
        """Whether an MDR block regresses the mean."""
        return self.mdr is not None and self.mdr.predict_mean

    def forward(
        self,
        features: Sequence[Tensor],
        guides: Sequence[Tensor] | None = None,
        steps: int | None = None,
    ) -> DecoderOutput:
        """Decode the encoder's features.

        Args:
            features: The encoder's five features, finest first.
            guides: ``features`` of the guiding decoder's output.
            steps: Number of features wanted, 1 to 4, to stop when they are there; by default all
                of them and the maps.
        """
        *skips, head = features
        x = self.head_conv(self.head_attention(head))
        outputs = []
        for i, (up, attention) in enumerate(zip(self.ups, self.skips, strict=True)):
            outputs.append(x)
            if i + 1 == steps:
                return DecoderOutput(tuple(outputs), None, None)
            if guides is not None:
                weight_guide, weight_own = self.fusion_weights
                x = weight_guide * guides[i] + weight_own * x
            x = up(x, attention(skips[-1 - i]))
        mean = None
        if self.mdr is not None:
            x, mean = self.mdr(x)
        maps = in_float32(self.predict, self.last_up(x))  # half precision is centimetres off
        if mean is not None:
            maps = maps + mean
        return DecoderOutput(tuple(outputs), maps, mean)
