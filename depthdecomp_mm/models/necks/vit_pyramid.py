"""A pyramid from the maps of a plain vision transformer."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.model import BaseModule
from torch import Tensor, nn

from depthdecomp_mm.registry import MODELS


@MODELS.register_module()
class ViTPyramid(BaseModule):
    """Brings four maps of one stride to strides 4, 8, 16 and 32, shallowest first.

    Each map is projected by a 1 x 1 convolution, then enlarged by a transposed convolution or
    halved by 3 x 3 convolutions of stride 2.

    Args:
        in_channels: Channels of each map.
        in_stride: Their stride: 8, 16, 32 or another power of two.
        out_channels: Channels of the four levels, finest first. By default 1/8, 1/4, 1/2 of
            ``in_channels`` and all of them.
        init_cfg: MMEngine's initialisation config.

    Raises:
        ValueError: If ``in_stride`` is no power of two or there are not four ``out_channels``.
    """

    strides = (4, 8, 16, 32)

    def __init__(
        self,
        in_channels: int,
        in_stride: int = 16,
        out_channels: Sequence[int] | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if out_channels is None:
            out_channels = [in_channels // part for part in (8, 4, 2, 1)]
        if in_stride < 1 or in_stride & (in_stride - 1) or len(out_channels) != len(self.strides):
            raise ValueError(
                'ViTPyramid expects in_stride to be a power of two and four out_channels, but '
                f'found {in_stride} and {tuple(out_channels)}'
            )
        self.out_channels = tuple(out_channels)
        self.levels = nn.ModuleList(
            nn.Sequential(nn.Conv2d(in_channels, channels, 1), *_rescale(channels, in_stride, out))
            for channels, out in zip(self.out_channels, self.strides, strict=True)
        )

    def forward(self, maps: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Rescale four maps (B, in_channels, h, w) to (B, C, H / s, W / s), s = 4, 8, 16, 32."""
        return tuple(level(x) for level, x in zip(self.levels, maps, strict=True))


def _rescale(channels: int, in_stride: int, out_stride: int) -> list[nn.Module]:
    if out_stride < in_stride:
        factor = in_stride // out_stride
        return [nn.ConvTranspose2d(channels, channels, factor, stride=factor)]
    halvings = (out_stride // in_stride).bit_length() - 1
    return [nn.Conv2d(channels, channels, 3, stride=2, padding=1) for _ in range(halvings)]
