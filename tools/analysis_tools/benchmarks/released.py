"""The architecture of the authors' release, as the plain eager network that one would run instead.

Layers carry the names of the release's checkpoints, so that the converter of those carries weights
between this network and :class:`DepthDecomposer`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.models.converters import convert_state_dict

SKIPS = (512, 176, 64, 40)
WIDTHS = (1024, 512, 256, 128, 64, 32)
HEAD = 2048


def enlarge(x: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(x, size=size, mode='bilinear', align_corners=True)


class Gate(nn.Module):
    """Channel attention."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = channels // (8 if channels % 16 else 16)
        layers = nn.Conv2d(channels, hidden, 1), nn.ReLU(), nn.Conv2d(hidden, channels, 1)
        self.conv_du = nn.Sequential(*layers, nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return x * self.conv_du(F.adaptive_avg_pool2d(x, 1))


class Up(nn.Module):
    """Enlarge, concatenate, twice convolution, BatchNorm and LeakyReLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        layers = []
        for channels in (in_channels, out_channels):
            layers.append(nn.Conv2d(channels, out_channels, 3, padding=1))
            layers += [nn.BatchNorm2d(out_channels), nn.LeakyReLU()]
        self._net = nn.Sequential(*layers)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self._net(torch.cat([enlarge(x, skip.shape[-2:]), skip], dim=1))


class LastUp(nn.Module):
    """Enlarge twice, twice convolution and ReLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.convA = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.convB = nn.Conv2d(out_channels, out_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = enlarge(x, (2 * x.shape[-2], 2 * x.shape[-1]))
        return F.relu(self.convB(F.relu(self.convA(x))))


class PatchTransformer(nn.Module):
    """Tokens of 8 x 8 patches."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding_convPxP = nn.Conv2d(64, 128, 8, stride=8)
        self.positional_encodings = nn.Parameter(torch.rand(500, 128))
        layer = nn.TransformerEncoderLayer(128, 4, 1024)
        self.transformer_encoder = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.embedding_convPxP(x).flatten(2)
        tokens = tokens + self.positional_encodings[: tokens.shape[2]].T[None]
        return self.transformer_encoder(tokens.permute(2, 0, 1))  # (tokens, B, 128)


class PatchAttention(nn.Module):
    """The MDR block without its projection."""

    def __init__(self) -> None:
        super().__init__()
        self.patch_transformer = PatchTransformer()
        self.conv3x3 = nn.Conv2d(64, 128, 3, padding=1)
        layers = nn.Linear(128, 256), nn.LeakyReLU(), nn.Linear(256, 256), nn.LeakyReLU()
        self.regressor = nn.Sequential(*layers, nn.Linear(256, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        tokens = self.patch_transformer(x)
        pixels = self.conv3x3(x)
        batch, channels, height, width = pixels.shape
        queries = tokens[1:192].permute(1, 0, 2)
        attended = pixels.view(batch, channels, -1).permute(0, 2, 1) @ queries.permute(0, 2, 1)
        attended = attended.permute(0, 2, 1).view(batch, -1, height, width)
        return attended, self.regressor(tokens[0])[..., None, None]


class ReleasedNetwork(nn.Module):
    """EfficientNet-B5 of ``efficientnet_pytorch`` with G-, N- and M-Net, all branches computed.

    For inputs of 384 x 512, for which the release has positional encodings.

    Raises:
        ImportError: If ``efficientnet_pytorch`` is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_pytorch import EfficientNet

        self.encoder = EfficientNet.from_name('efficientnet-b5')
        for letter in 'gnm':
            self._add_decoder(letter)
        self.conv_grad = nn.Conv2d(WIDTHS[5], 2, 3, padding=1)
        self.conv_norm = nn.Conv2d(WIDTHS[5], 1, 3, padding=1)
        self.conv_metric = nn.Conv2d(WIDTHS[5], 1, 3, padding=1)
        self.VIT = PatchAttention()
        self.conv_ViT = nn.Conv2d(191, 64, 1)

    def _add_decoder(self, letter: str) -> None:
        setattr(self, f'conv_{letter}_CA', Gate(HEAD))
        setattr(self, f'conv_{letter}32', nn.Conv2d(HEAD, WIDTHS[0], 1))
        for i, skip in enumerate(SKIPS):
            setattr(self, f'conv_enc_CA_{i + 1}_{letter}', Gate(skip))
            setattr(self, f'up{i + 1}_{letter}', Up(WIDTHS[i] + skip, WIDTHS[i + 1]))
        setattr(self, f'up5_{letter}', LastUp(WIDTHS[4], WIDTHS[5]))

    def _decode(
        self, letter: str, skips: list[Tensor], head: Tensor, guides: list[Tensor] | None
    ) -> tuple[list[Tensor], Tensor]:
        """The four features that guide the next decoder, and the fourth block's output."""
        x = getattr(self, f'conv_{letter}32')(getattr(self, f'conv_{letter}_CA')(head))
        features = []
        for i, skip in enumerate(skips, 1):
            features.append(x)
            if guides is not None:
                x = x + guides[i - 1]
            skip = getattr(self, f'conv_enc_CA_{i}_{letter}')(skip)
            x = getattr(self, f'up{i}_{letter}')(x, skip)
        return features, x

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """All outputs, as :meth:`DepthDecomposer.raw_outputs` gives them.

        Args:
            images: (B, 3, 384, 512) float32, normalised.
        """
        levels = self.encoder.extract_endpoints(images)
        skips = [levels[f'reduction_{i}'] for i in (5, 4, 3, 2)]
        head = levels['reduction_6']
        guides, x = self._decode('g', skips, head, None)
        gradients = self.conv_grad(self.up5_g(x))
        guides, x = self._decode('n', skips, head, guides)
        normalized = self.conv_norm(self.up5_n(x))
        _, x = self._decode('m', skips, head, guides)
        attended, mean = self.VIT(x)
        metric = self.conv_metric(self.up5_m(self.conv_ViT(attended))) + mean
        return dict(gradients=gradients, normalized=normalized, metric=metric, mean=mean)


def carry_weights(source: ReleasedNetwork, target: DepthDecomposer) -> None:
    """Give ``target`` the weights of ``source``."""
    target.load_state_dict(convert_state_dict(source.state_dict(), target.state_dict()))
