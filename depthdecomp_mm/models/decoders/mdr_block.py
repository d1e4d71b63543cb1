"""The mean depth residual block (Section 3.3, Fig. 3)."""

from __future__ import annotations

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from depthdecomp_mm.models.adaptive_pool import adaptive_pool
from depthdecomp_mm.models.layers import in_float32
from depthdecomp_mm.registry import MODELS

MEAN_HEADS = ('token', 'pooled')


@MODELS.register_module()
class MDRBlock(BaseModule):
    """Patchwise attention that also regresses the mean of the metric map.

    A transformer over patch tokens gives ``queries + 1`` vectors: the first is regressed to the
    mean, the others are multiplied with a 3 x 3 convolution of the input, pixel by pixel, and
    projected back to ``in_channels``. The token grid is fixed, for positional encodings and queries
    are: the patch embeddings are pooled to it, which is the identity at the size it was made for
    (64 x 96 x 128 with the defaults).

    Args:
        in_channels: Channels of the input and of the output.
        embed_dims: Length of the tokens.
        patch_size: Side of a patch, in pixels of the input feature.
        grid_size: Rows and columns of tokens.
        queries: Number of queries; by default all tokens but the first.
        num_layers: Transformer layers (post-norm).
        num_heads: Attention heads.
        feedforward_channels: Hidden width of the transformer's feed-forward layers.
        dropout: Dropout in the transformer.
        predict_mean: False for MDR* of Table 3: no mean is regressed.
        mean_head: What regresses the mean: ``'token'``, three layers on the first vector, as in the
            paper; ``'pooled'``, one linear layer on the mean of the input over its pixels, which
            has few weights to learn a small set by heart with.
        initial_mean: Mean that the head starts at, such as that of the data in the model's
            representation; by default the head starts at random.
        residual: Add the input to the output.
        zero_init: Start the last projection at 0. With ``residual`` the block changes nothing at
            first; otherwise its output starts at 0.
        init_cfg: MMEngine's initialisation config.

    Raises:
        ValueError: If the grid has fewer than ``queries + 1`` tokens, or ``mean_head`` is unknown.
    """

    def __init__(
        self,
        in_channels: int = 64,
        embed_dims: int = 128,
        patch_size: int = 8,
        grid_size: tuple[int, int] = (12, 16),
        queries: int | None = None,
        num_layers: int = 4,
        num_heads: int = 4,
        feedforward_channels: int = 1024,
        dropout: float = 0.1,
        predict_mean: bool = True,
        mean_head: str = 'token',
        initial_mean: float | None = None,
        residual: bool = False,
        zero_init: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        tokens = grid_size[0] * grid_size[1]
        self.queries = tokens - 1 if queries is None else queries
        if not 1 <= self.queries < tokens:
            raise ValueError(
                f'MDRBlock: {self.queries} queries and the mean need {self.queries + 1} tokens (2 '
                f'or more), but grid_size {tuple(grid_size)} has {tokens}'
            )
        if mean_head not in MEAN_HEADS:
            raise ValueError(f"mean_head must be one of {MEAN_HEADS}, but found '{mean_head}'")
        self.grid_size = tuple(grid_size)
        self.predict_mean = predict_mean
        self.mean_head = mean_head
        self.residual = residual
        self.patch_embed = nn.Conv2d(in_channels, embed_dims, patch_size, stride=patch_size)
        self.pos_embed = nn.Parameter(torch.rand(tokens, embed_dims))
        layer = nn.TransformerEncoderLayer(
            embed_dims, num_heads, feedforward_channels, dropout, batch_first=True
        )
        self.transformer = nn.TransformerEncoder(layer, num_layers, enable_nested_tensor=False)
        self.pixel_embed = nn.Conv2d(in_channels, embed_dims, 3, padding=1)
        self.project = nn.Conv2d(self.queries, in_channels, 1)
        if zero_init:
            nn.init.zeros_(self.project.weight)
            nn.init.zeros_(self.project.bias)
        if predict_mean:
            self.regressor = self._build_regressor(in_channels, embed_dims)
            if initial_mean is not None:
                self._start_at(initial_mean)

    def _build_regressor(self, in_channels: int, embed_dims: int) -> nn.Module:
        if self.mean_head == 'pooled':
            return nn.Sequential(nn.Linear(in_channels, 1))
        return nn.Sequential(
            nn.Linear(embed_dims, 256),
            nn.LeakyReLU(),
            nn.Linear(256, 256),
            nn.LeakyReLU(),
            nn.Linear(256, 1),
        )

    def _start_at(self, mean: float) -> None:
        nn.init.zeros_(self.regressor[-1].weight)
        nn.init.constant_(self.regressor[-1].bias, mean)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Attend and regress.

        Args:
            x: (B, in_channels, H, W), H and W at least ``patch_size``.

        Returns:
            (B, in_channels, H, W) feature, and the mean of the map in the code that M-Net
            regresses, (B, 1, 1, 1), or None without ``predict_mean``.
        """
        patches = adaptive_pool(self.patch_embed(x), self.grid_size)
        tokens = self.transformer(patches.flatten(2).transpose(1, 2) + self.pos_embed)
        features = self._attend(tokens[:, 1 : self.queries + 1], self.pixel_embed(x))
        mean = self._regress(x, tokens[:, 0]) if self.predict_mean else None
        return features + x if self.residual else features, mean

    def _attend(self, queries: Tensor, pixels: Tensor) -> Tensor:
        """``project`` of the products of queries and pixels.

        It is multiplied into the queries first, so that the maps of all queries are never made.
        """
        kernels = self.project.weight.flatten(1) @ queries
        features = torch.einsum('boc,bchw->bohw', kernels, pixels)
        return features + self.project.bias.to(features.dtype)[:, None, None]

    def _regress(self, x: Tensor, token: Tensor) -> Tensor:
        source = token
        if self.mean_head == 'pooled':
            source = x.mean(dim=(2, 3), dtype=torch.promote_types(x.dtype, torch.float32))
        return in_float32(self.regressor, source)[..., None, None]
