"""Depth maps as a page in a browser turns them to point clouds."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from math import ceil
from typing import Any

import cv2
import numpy as np

from depthdecomp_mm.apis import Intrinsics
from depthdecomp_mm.structures import valid_pixels

LONG_SIDE = 160
LEVELS = 65535


def encode_cloud(
    image: np.ndarray, maps: Mapping[str, np.ndarray], camera: Intrinsics
) -> dict[str, Any]:
    """Depth maps of one frame and their colours, in every so many rows and columns.

    Args:
        image: (H, W, 3) uint8 RGB.
        maps: Depth by name, (H, W) metres each; 0 or not finite where there is no point.
        camera: Of the maps.

    Returns:
        ``width`` and ``height``; ``focal`` and ``centre`` in pixels of them; ``unit``, the metres
        of a step; ``colors`` and by ``maps`` the steps, 0 for no point, as base64 of uint8 and of
        little-endian uint16.
    """
    height, width = next(iter(maps.values())).shape
    step = ceil(max(height, width) / LONG_SIDE)
    thin = {name: np.nan_to_num(depth[::step, ::step]) for name, depth in maps.items()}
    rows, columns = next(iter(thin.values())).shape
    far = max(float(depth[valid_pixels(depth)].max(initial=0)) for depth in thin.values())
    unit = max(far, 1e-3) / LEVELS
    steps = {
        name: np.where(valid_pixels(depth), np.maximum(depth / unit, 1), 0).round().astype('<u2')
        for name, depth in thin.items()
    }
    colors = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)[::step, ::step]
    return dict(
        width=columns,
        height=rows,
        focal=[camera.fx / step, camera.fy / step],
        centre=[camera.cx / step, camera.cy / step],
        unit=unit,
        colors=_base64(colors),
        maps={name: _base64(values) for name, values in steps.items()},
    )


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
