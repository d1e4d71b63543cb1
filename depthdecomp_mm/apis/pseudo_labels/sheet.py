"""A picture of some labels, to look at before one trains on them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from depthdecomp_mm.datasets.transforms.decoding import read_bytes, read_depth
from depthdecomp_mm.datasets.transforms.loading import LoadImageFromFile
from depthdecomp_mm.visualization.colormap import NEAR_IS_LARGE, colorize, value_range

HEIGHT = 180
COLUMNS = 2


def contact_sheet(samples: Sequence[dict], count: int = 12) -> np.ndarray:
    """Draw labels beside their images: all of the label, and what is left of it by the mask.

    Args:
        samples: Relative samples, at least one; those to draw are spread evenly over them.
        count: Largest number to draw.

    Returns:
        (H, W, 3) uint8 BGR; what the mask leaves out is grey.

    Raises:
        SampleError: If a file is missing or damaged.
    """
    chosen = np.unique(np.linspace(0, len(samples) - 1, min(count, len(samples))).round())
    strips = [_strip(samples[int(i)]) for i in chosen]
    columns = min(COLUMNS, len(strips))
    rows = -(-len(strips) // columns)
    width = max(strip.shape[1] for strip in strips)
    sheet = np.full((rows * HEIGHT, columns * width, 3), 255, np.uint8)
    for number, strip in enumerate(strips):
        top, left = number // columns * HEIGHT, number % columns * width
        sheet[top : top + HEIGHT, left : left + strip.shape[1]] = strip
    return sheet


def _strip(sample: dict) -> np.ndarray:
    image = LoadImageFromFile().transform(dict(sample))['img']
    label, mask = (
        read_depth(read_bytes(sample[key]), sample[key])
        for key in ('depth_map_path', 'valid_mask_path')
    )
    limits = value_range(label[mask > 0].astype(np.float32))
    masks = (np.zeros_like(mask, dtype=bool), mask == 0)
    maps = [colorize(label, *limits, NEAR_IS_LARGE, hidden)[..., ::-1] for hidden in masks]
    width = max(1, round(image.shape[1] * HEIGHT / image.shape[0]))
    size, way = (width, HEIGHT), cv2.INTER_AREA
    return np.hstack([cv2.resize(picture, size, interpolation=way) for picture in (image, *maps)])
