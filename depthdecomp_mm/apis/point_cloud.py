"""Point clouds from depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depthdecomp_mm.files import write_bytes
from depthdecomp_mm.structures import valid_pixels

from .intrinsics import Intrinsics

VERTEX = np.dtype([(n, '<f4') for n in 'xyz'] + [(n, 'u1') for n in ('red', 'green', 'blue')])
HEADER = """ply
format binary_little_endian 1.0
comment metres; camera coordinates: x right, y down, z forward
element vertex {count}
property float x
property float y
property float z
property uchar red
property uchar green
property uchar blue
end_header
"""


def unproject(depth: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Carry every pixel of a depth map to its point in space.

    Args:
        depth: (H, W) metres along the optical axis.
        intrinsics: The camera; scaled to the size of the depth map.

    Returns:
        (H, W, 3) float32 metres in camera coordinates: x right, y down, z forward. A pixel without
        depth (0 or not finite) has no meaningful point.

    Examples:
        >>> camera = Intrinsics(fx=1.0, fy=1.0, cx=0.0, cy=0.0, width=2, height=1)
        >>> unproject(np.array([[2.0, 3.0]]), camera).tolist()
        [[[0.0, 0.0, 2.0], [3.0, 0.0, 3.0]]]
    """
    height, width = depth.shape
    if (intrinsics.width, intrinsics.height) != (width, height):
        intrinsics = intrinsics.scaled_to(width, height)
    x = (np.arange(width) - intrinsics.cx) / intrinsics.fx
    y = (np.arange(height) - intrinsics.cy) / intrinsics.fy
    x, y = np.meshgrid(x, y)
    return np.stack([x * depth, y * depth, depth], axis=-1).astype(np.float32)


def write_point_cloud(
    path: str | Path, depth: np.ndarray, image: np.ndarray, intrinsics: Intrinsics
) -> int:
    """Write a coloured point cloud as a binary PLY file, whole or not at all.

    Args:
        path: File to write.
        depth: (H, W) metres; pixels of 0 or not finite are left out.
        image: (H, W, 3) uint8 BGR.
        intrinsics: The camera.

    Returns:
        Number of points.

    Raises:
        ValueError: If depth and image differ in size.
    """
    content, count = encode_point_cloud(depth, image, intrinsics)
    write_bytes(Path(path), content)
    return count


def encode_point_cloud(
    depth: np.ndarray, image: np.ndarray, intrinsics: Intrinsics
) -> tuple[bytes, int]:
    """The content of the file that :func:`write_point_cloud` writes, and its number of points."""
    if image.shape[:2] != depth.shape:
        raise ValueError(f'depth is {depth.shape}, but the image {image.shape[:2]}')
    valid = valid_pixels(depth)
    vertices = np.empty(np.count_nonzero(valid), dtype=VERTEX)
    points = unproject(depth, intrinsics)[valid]
    for i, name in enumerate('xyz'):
        vertices[name] = points[:, i]
    for i, name in enumerate(('blue', 'green', 'red')):
        vertices[name] = image[..., i][valid]
    return HEADER.format(count=len(vertices)).encode() + vertices.tobytes(), len(vertices)
