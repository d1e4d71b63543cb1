"""Depth codes and the decomposition of a depth map (Sections 3.1 and 3.4 of the paper).

Training, evaluation and inference all encode and decode depth here.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

REPRESENTATIONS = ('inverse', 'depth')


class DepthCodec:
    """Turns metres into the code that M-Net regresses, and back.

    Args:
        representation: ``'inverse'`` for ``m = 1 / (d + 1)`` (Eq. 12), in (0, 1], larger = nearer;
            ``'depth'`` for ``m = d``.
        min_depth: Lowest depth that :meth:`decode` returns, metres.
        max_depth: Highest depth that :meth:`decode` returns, metres.

    Raises:
        ValueError: If the representation is unknown or the range is empty.

    Examples:
        >>> codec = DepthCodec()
        >>> codec.encode(torch.tensor([0.0, 1.0, 3.0]))
        tensor([1.0000, 0.5000, 0.2500])
        >>> codec.decode(torch.tensor([0.5, 0.25, -1.0]))  # metres
        tensor([ 1.,  3., 10.])
    """

    def __init__(
        self, representation: str = 'inverse', min_depth: float = 1e-3, max_depth: float = 10.0
    ) -> None:
        if representation not in REPRESENTATIONS:
            raise ValueError(
                f"representation must be one of {REPRESENTATIONS}, but found '{representation}'"
            )
        if not 0 <= min_depth < max_depth:
            raise ValueError(
                f'0 <= min_depth < max_depth expected, but found {min_depth} and {max_depth}'
            )
        self.representation = representation
        self.min_depth = min_depth
        self.max_depth = max_depth

    def encode(self, depth: Tensor, scale: float | Tensor = 1.0) -> Tensor:
        """Encode depth in metres (any shape; 0 where not measured gives a finite code).

        Args:
            depth: Metres.
            scale: What depth is divided by first, as :meth:`decode` multiplies it.
        """
        depth = depth / scale
        return 1 / (depth + 1) if self.representation == 'inverse' else depth

    def decode(self, code: Tensor, scale: float | Tensor = 1.0, shift: float = 0.0) -> Tensor:
        """Decode to metres, clamped to ``[min_depth, max_depth]``.

        Args:
            code: The code, of any shape.
            scale: Positive; what the decoded depth is multiplied by, before it is clamped.
            shift: Metres, below ``max_depth``; what is added then.

        The inverse code is clamped before the division, so that a code of zero or below, which a
        linear head can give, decodes to ``max_depth``, as the code falls with distance. The
        authors' code clamps after it, and gives ``min_depth`` for a negative code.
        """
        if self.representation == 'inverse':
            farthest = (self.max_depth - shift) / scale
            code = 1 / code.clamp(min=1 / (farthest + 1)) - 1
        return (scale * code + shift).clamp(self.min_depth, self.max_depth)


class Decomposition(NamedTuple):
    """What :func:`decompose` returns for a batch of maps (B, 1, H, W).

    Attributes:
        mean: (B, 1, 1, 1), mean over the valid pixels; 0 for a map without any.
        mean_mask: (B, 1, 1, 1) bool, maps with a valid pixel.
        normalized: (B, 1, H, W), the z-scores N (Eq. 1); 0 where invalid.
        normalized_mask: (B, 1, H, W) bool.
        gradients: (B, 2, H, W), Gx and Gy of N (Eq. 4); 0 where invalid.
        gradients_mask: (B, 2, H, W) bool; the last column of Gx and the last row of Gy are invalid.
    """

    mean: Tensor
    mean_mask: Tensor
    normalized: Tensor
    normalized_mask: Tensor
    gradients: Tensor
    gradients_mask: Tensor


def forward_differences(maps: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Horizontal and vertical differences to the next pixel (Eq. 4).

    Args:
        maps: (B, 1, H, W) float.
        mask: (B, 1, H, W) bool.

    Returns:
        (B, 2, H, W) differences ``x(i, j + 1) - x(i, j)`` and ``x(i + 1, j) - x(i, j)``, 0 where
        one of the two pixels is invalid or missing, and their (B, 2, H, W) bool mask.
    """
    differences = maps.new_zeros(maps.size(0), 2, *maps.shape[2:])
    valid = torch.zeros_like(differences, dtype=torch.bool)
    differences[:, :1, :, :-1] = maps[..., 1:] - maps[..., :-1]
    differences[:, 1:, :-1] = maps[..., 1:, :] - maps[..., :-1, :]
    valid[:, :1, :, :-1] = mask[..., 1:] & mask[..., :-1]
    valid[:, 1:, :-1] = mask[..., 1:, :] & mask[..., :-1, :]
    return differences.where(valid, 0), valid


def decompose(maps: Tensor, mask: Tensor, eps: float = 1e-5) -> Decomposition:
    """Decompose maps into their mean, normalized map and gradients (Eqs. 1 and 4).

    A map with fewer than two valid pixels, or whose standard deviation is not above ``eps`` times
    its largest valid magnitude (a constant map, up to float32 rounding), has no normalized map: its
    ``normalized_mask`` and ``gradients_mask`` are all False, and nothing is NaN.

    Args:
        maps: (B, 1, H, W) float32, depth codes or disparities; anything finite where invalid.
        mask: (B, 1, H, W) bool, valid pixels.
        eps: Smallest relative standard deviation.

    Examples:
        >>> maps = torch.tensor([[1.0, 3.0], [1.0, 3.0]]).view(1, 1, 2, 2)
        >>> parts = decompose(maps, torch.ones(1, 1, 2, 2, dtype=torch.bool))
        >>> parts.mean.item(), parts.normalized[0, 0].tolist(), parts.gradients[0, 0].tolist()
        (2.0, [[-1.0, 1.0], [-1.0, 1.0]], [[2.0, 0.0], [2.0, 0.0]])
    """
    maps = maps.where(mask, 0)
    count = mask.sum(dim=(1, 2, 3), keepdim=True)
    mean = maps.sum(dim=(1, 2, 3), keepdim=True) / count.clamp(min=1)
    centred = (maps - mean).where(mask, 0)
    std = (centred.square().sum(dim=(1, 2, 3), keepdim=True) / count.clamp(min=1)).sqrt()
    usable = (count >= 2) & (std > eps * maps.abs().amax(dim=(1, 2, 3), keepdim=True))
    normalized = centred / std.where(usable, 1)
    normalized_mask = mask & usable
    normalized = normalized.where(normalized_mask, 0)
    gradients, gradients_mask = forward_differences(normalized, normalized_mask)
    return Decomposition(mean, count > 0, normalized, normalized_mask, gradients, gradients_mask)
