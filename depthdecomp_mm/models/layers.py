"""Building blocks of the decoders."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from mmcv.cnn import build_activation_layer, build_norm_layer
from timm.layers import SEModule
from torch import Tensor, nn


def resize(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear interpolation with aligned corners, as everywhere in the released network."""
    if x.shape[-2:] == tuple(size):
        return x
    return F.interpolate(x, size=size, mode='bilinear', align_corners=True)


def in_float32(module: nn.Module, x: Tensor) -> Tensor:
    """Run a module in float32 where autocast would round what it gives to half precision."""
    device = x.device.type
    if not (torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)):
        return module(x)
    with torch.autocast(device, enabled=False):
        return module(x.float())


class ChannelAttention(SEModule):
    """Squeeze-and-excitation gate on channels ([15] in the paper), with the names of our weights.

    The bottleneck has 1/16 of the channels, 1/8 where 16 does not divide them (40 channels), as in
    the released network.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, rd_channels=max(channels // (8 if channels % 16 else 16), 1))
        self.squeeze, self.excite = self._modules.pop('fc1'), self._modules.pop('fc2')

    # what timm calls them in its forward; checkpoints know them by ours. Dynamo traces a lambda,
    # and breaks the graph at an attrgetter.
    fc1 = property(lambda self: self.squeeze)
    fc2 = property(lambda self: self.excite)


class UpBlock(nn.Module):
    """Upsampling to the skip's size, concatenation and two 3 x 3 convolutions (Fig. 2(b)).

    Args:
        in_channels: Channels of the input.
        skip_channels: Channels of the skip feature, 0 for a block without one.
        out_channels: Channels of the output.
        norm_cfg: Normalisation layer, e.g. ``dict(type='BN')``.
        act_cfg: Activation layer.
    """

    def __init__(
        self,
        in_channels: int,
        skip_channels: int,
        out_channels: int,
        norm_cfg: dict | None,
        act_cfg: dict,
    ) -> None:
        super().__init__()
        layers = []
        for channels in (in_channels + skip_channels, out_channels):
            # mmcv's ConvModule warns of a bias before BatchNorm, which the released network has
            layers.append(nn.Conv2d(channels, out_channels, 3, padding=1))
            if norm_cfg is not None:
                layers.append(build_norm_layer(norm_cfg, out_channels)[1])
            layers.append(build_activation_layer(act_cfg))
        self.convs = nn.Sequential(*layers)

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        """Enlarge ``x`` to the size of ``skip``, or twice without one."""
        if skip is None:
            height, width = x.shape[-2:]
            return self.convs(resize(x, (2 * height, 2 * width)))
        return self.convs(torch.cat((resize(x, skip.shape[-2:]), skip), dim=1))
