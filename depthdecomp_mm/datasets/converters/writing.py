"""Images and depth maps to files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.files import write_bytes

MILLIMETRES = 1000
JPEG_QUALITY = 95


def write_image(path: Path, image: np.ndarray, quality: int = JPEG_QUALITY) -> None:
    """Write a picture as PNG (lossless) or JPEG, by the path's suffix.

    Args:
        path: File; its folder is made.
        image: (H, W, 3) uint8 BGR or (H, W) uint8, for PNG also uint16.
        quality: Of a JPEG, 0 to 100.
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if path.suffix == '.jpg' else []
    write_bytes(path, _encode(path, image, options))


def write_depth(path: Path, depth: np.ndarray) -> None:
    """Write (H, W) metres as a 16-bit PNG of millimetres; 0 where not measured."""
    write_bytes(path, encode_depth(path, depth))


def encode_depth(path: Path, depth: np.ndarray) -> bytes:
    """The content of the PNG file that :func:`write_depth` writes.

    Raises:
        SampleError: If a depth does not fit 16-bit millimetres.
    """
    stored = np.rint(np.nan_to_num(depth, posinf=0, neginf=0) * MILLIMETRES)
    if stored.min() < 0 or stored.max() > np.iinfo(np.uint16).max:
        raise SampleError(
            f'{path}: depth from {depth.min():.3f} to {depth.max():.3f} m cannot be stored as '
            '16-bit millimetres (0 to 65.535 m)'
        )
    return _encode(path, stored.astype(np.uint16), [])


def _encode(path: Path, image: np.ndarray, options: list[int]) -> bytes:
    return cv2.imencode(path.suffix, image, options)[1].tobytes()
