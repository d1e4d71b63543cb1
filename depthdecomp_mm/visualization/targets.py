"""What the network is trained on, as a panel."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from .colormap import INVALID_COLOR, NEAR_IS_LARGE, NEAR_IS_SMALL
from .decomposition import gradient_tiles, map_tile, mean_in_words, normalized_tile
from .panel import Tile, draw_panel

VALID_COLOR = (72, 148, 104)


def draw_targets(
    image: np.ndarray,
    depth: np.ndarray,
    valid: np.ndarray,
    targets: dict[str, tuple[Tensor, Tensor]],
    relative: bool = False,
    representation: str = 'inverse',
) -> np.ndarray:
    """Draw an image, its depth and mask, and the decomposition that the losses compare with.

    Args:
        image: (H, W, 3) uint8 RGB, augmented.
        depth: (H, W) metres, or disparity (larger = nearer) where ``relative``.
        valid: (H, W) bool.
        targets: Of this one sample, as
            :meth:`~depthdecomp_mm.models.DepthDecomposer.targets` returns them.
        relative: Whether the label is a disparity, which has neither m nor mu.
        representation: Of m; ``'inverse'`` (Eq. 12) or ``'depth'``.

    Returns:
        (H', W', 3) uint8 RGB; grey where invalid.
    """
    code_cmap = NEAR_IS_LARGE if relative or representation == 'inverse' else NEAR_IS_SMALL
    maps = {name: tuple(x[0].cpu().numpy() for x in pair) for name, pair in targets.items()}
    tiles = [Tile('Image', image, smooth=True, note=f'{image.shape[1]} x {image.shape[0]}')]
    if relative:
        tiles.append(map_tile('Disparity', depth, valid, NEAR_IS_LARGE))
    else:
        tiles.append(map_tile('Depth', depth, valid, NEAR_IS_SMALL, 'm'))
    share = f'{100 * valid.mean():.1f} % valid'
    tiles.append(Tile('Valid mask', np.uint8([INVALID_COLOR, VALID_COLOR])[valid * 1], note=share))
    if not relative:
        tiles.append(_code_tile(*maps['metric'], maps['mean'], representation, code_cmap))
    normalized, mask = maps['normalized']
    tiles.append(normalized_tile(normalized[0], mask[0], code_cmap))
    return draw_panel(tiles + gradient_tiles(*maps['gradients']))


def _code_tile(
    code: np.ndarray,
    mask: np.ndarray,
    mean: tuple[np.ndarray, np.ndarray],
    representation: str,
    cmap: str,
) -> Tile:
    inverse = representation == 'inverse'
    tile = map_tile('m', code[0], mask[0], cmap, '1 / (d + 1)' if inverse else 'm')
    mean, known = (part.item() for part in mean)
    if known:
        tile.note += f', mean {mean_in_words(mean, representation)}'
    return tile
