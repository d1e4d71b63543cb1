"""Augmentation of colours."""

from __future__ import annotations

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from depthdecomp_mm.registry import TRANSFORMS

Range = tuple[float, float]


@TRANSFORMS.register_module()
class PhotometricAugment(BaseTransform):
    """Change gamma, brightness and the weight of each colour channel.

    A value v of channel c in [0, 1] becomes ``min(v ** gamma * brightness * color[c], 1)``.

    Required Keys:

    - img: (H, W, 3), uint8 or floating point, 0 to 255

    Modified Keys:

    - img

    Args:
        gamma: Range of the exponent.
        brightness: Range of the factor that all channels share.
        color: Range of the factor that each channel draws for itself.
        prob: Probability of all three together.
    """

    def __init__(
        self,
        gamma: Range = (0.9, 1.1),
        brightness: Range = (0.75, 1.25),
        color: Range = (0.9, 1.1),
        prob: float = 0.5,
    ) -> None:
        for name, bounds in dict(gamma=gamma, brightness=brightness, color=color).items():
            if len(bounds) != 2 or not 0 < bounds[0] <= bounds[1]:
                raise ValueError(f'{name} is {bounds}, expected (low, high), 0 < low <= high')
        if not 0 <= prob <= 1:
            raise ValueError(f'prob is {prob}, expected a number in [0, 1]')
        self.gamma = gamma
        self.brightness = brightness
        self.color = color
        self.prob = prob

    @cache_randomness
    def _draw(self) -> tuple[float, np.ndarray] | None:
        """The exponent and the three channels' factors, or None to leave the image alone."""
        if np.random.rand() >= self.prob:
            return None
        gamma = np.random.uniform(*self.gamma)
        return gamma, np.random.uniform(*self.brightness) * np.random.uniform(*self.color, size=3)

    def transform(self, results: dict) -> dict:
        """Augment the image."""
        drawn = self._draw()
        if drawn is None:
            return results
        img = results['img']
        if img.dtype == np.uint8:
            values = np.arange(256, dtype=np.float32).reshape(1, 256, 1)
            table = np.rint(_adjust(values, *drawn)).astype(np.uint8)
            results['img'] = cv2.LUT(img, table)
        else:
            results['img'] = _adjust(img, *drawn).astype(img.dtype)
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(gamma={self.gamma}, brightness={self.brightness}, '
            f'color={self.color}, prob={self.prob})'
        )


def _adjust(values: np.ndarray, gamma: float, factors: np.ndarray) -> np.ndarray:
    """Apply gamma and the channels' factors to values (..., 3) or (..., 1) from 0 to 255."""
    unit = np.clip(values / 255, 0, 1) ** gamma * factors.astype(np.float32)
    return 255 * np.minimum(unit, 1)
