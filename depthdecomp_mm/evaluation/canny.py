"""Canny's edges of a map of floating-point numbers, which OpenCV has for integers alone."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def canny(
    image: np.ndarray, sigma: float = 2**0.5, low: float = 0.1, high: float = 0.2
) -> np.ndarray:
    """Edges of a map after Canny (1986), as ``skimage.feature.canny`` finds them.

    Args:
        image: (H, W) float32.
        sigma: Deviation of the Gaussian that smooths it, pixels.
        low: Lowest size of the Sobel gradient along an edge.
        high: Size that an edge must reach somewhere.

    Returns:
        (H, W) bool.
    """
    inside = ndimage.gaussian_filter(np.ones_like(image), sigma, mode='constant')
    smooth = ndimage.gaussian_filter(image, sigma, mode='constant')
    smooth /= inside + np.finfo(image.dtype).eps
    down, right = (ndimage.sobel(smooth, axis) for axis in (0, 1))
    edges = _ridges(np.sqrt(down * down + right * right), down, right, low)
    labels, _ = ndimage.label(edges, np.ones((3, 3)))
    return np.isin(labels, np.unique(labels[edges >= high]))


def _ridges(size: np.ndarray, down: np.ndarray, right: np.ndarray, low: float) -> np.ndarray:
    """The gradient where it is at least as large as that before and behind it, else 0."""
    found = np.zeros_like(size)
    rows, columns = np.nonzero(size[1:-1, 1:-1] >= low)
    rows, columns = rows + 1, columns + 1
    down, right = down[rows, columns], right[rows, columns]
    steep = np.abs(down) > np.abs(right)
    short, long = np.sort([np.abs(down), np.abs(right)], axis=0)
    weight = short / np.where(long > 0, long, 1)
    down = np.where(down > 0, 1, -1)
    right = np.where(right > 0, 1, -1)
    here, keep = size[rows, columns], long > 0
    for sign in (1, -1):
        corner = size[rows + sign * down, columns + sign * right]
        beside = size[rows + sign * down * steep, columns + sign * right * ~steep]
        keep &= corner * weight + beside * (1 - weight) <= here
    found[rows[keep], columns[keep]] = here[keep]
    return found
