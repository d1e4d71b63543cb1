"""M-Net guided by the true normalized map: what a perfect N-Net would be to it."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.models.decoders.depth_decoder import DecoderOutput
from depthdecomp_mm.models.network import output_size
from depthdecomp_mm.registry import MODELS
from depthdecomp_mm.structures import DepthDataSample


@MODELS.register_module()
class TruthGuide(BaseModule):
    """Stands in for N-Net: its map is the truth, its features are convolutions of it.

    Args:
        channels: Channels of the guided decoder's first four steps.
        in_channels: Channels of the encoder's features; not used.
        out_channels: Channels of the map; not used.
        init_cfg: MMEngine's initialisation config.

    Attributes:
        truth: (B, 1, h, w), the normalized maps of the next batch.
    """

    def __init__(
        self,
        channels: Sequence[int],
        in_channels: Sequence[int] | None = None,
        out_channels: int = 1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.channels = tuple(channels)
        self.truth: Tensor | None = None
        self.convs = nn.ModuleList(nn.Conv2d(1, width, 3, padding=1) for width in channels)

    def forward(
        self,
        features: Sequence[Tensor],
        guides: Sequence[Tensor] | None = None,
        steps: int | None = None,
    ) -> DecoderOutput:
        """Guide by the truth.

        Args:
            features: The encoder's, whose sizes those of the guides follow.
            guides: Of a decoder before it; not used.
            steps: As of :class:`~depthdecomp_mm.models.decoders.DepthDecoder`.
        """
        sizes = [feature.shape[-2:] for feature in features[::-1]]
        pairs = list(zip(self.convs, sizes, strict=False))[:steps]
        pooled = tuple(conv(F.adaptive_avg_pool2d(self.truth, size)) for conv, size in pairs)
        return DecoderOutput(pooled, self.truth if steps is None else None, None)


@MODELS.register_module()
class TruthGuidedDecomposer(DepthDecomposer):
    """The network with a :class:`TruthGuide` as its ``normalized_decoder``.

    It needs ground truth to predict, and predicts for experiments alone. It does not average with
    mirrored images, whose truth it is not given.
    """

    def loss(self, inputs: Tensor, data_samples: list[DepthDataSample]) -> dict[str, Tensor]:
        """See :meth:`DepthDecomposer.loss`."""
        self._tell(inputs, data_samples)
        return super().loss(inputs, data_samples)

    def predict(
        self,
        inputs: Tensor,
        data_samples: list[DepthDataSample],
        flip_test: bool | None = None,
        outputs: Sequence[str] | None = None,
    ) -> list[DepthDataSample]:
        """See :meth:`DepthDecomposer.predict`."""
        self._tell(inputs, data_samples)
        return super().predict(inputs, data_samples, False, outputs)

    def _tell(self, inputs: Tensor, data_samples: list[DepthDataSample]) -> None:
        targets = self.targets(data_samples, output_size(inputs.shape[-2:]))
        self.normalized_decoder.truth = targets['normalized'][0]
