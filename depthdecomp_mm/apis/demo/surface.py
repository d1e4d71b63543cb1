"""Depth as a surface for the viewers of browsers, which read glTF."""

from __future__ import annotations

import json
import struct
from math import ceil, sqrt

import numpy as np

from depthdecomp_mm.apis.intrinsics import Intrinsics
from depthdecomp_mm.apis.point_cloud import unproject
from depthdecomp_mm.apis.point_cloud_view import is_gap
from depthdecomp_mm.structures import valid_pixels

MOST_POINTS = 60_000
FLOAT, UINT16, UINT32 = 5126, 5123, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
OPAQUE = np.iinfo(np.uint16).max


def encode_glb(depth: np.ndarray, image: np.ndarray, camera: Intrinsics) -> bytes:
    """Encode the surface through a point cloud as binary glTF 2.0, in colours without shading.

    The bare points would be drawn one pixel large, however near they are. The surface is torn
    between near and far things, as :func:`~depthdecomp_mm.apis.view_point_cloud` leaves those
    points out. Of large maps some rows and columns are taken. The axes are glTF's: x right, y up,
    z towards the camera; metres.

    Args:
        depth: (H, W) metres; pixels of 0 or not finite are left out.
        image: (H, W, 3) uint8 BGR.
        camera: The camera; scaled to the size of the depth map.

    Returns:
        The content of a ``.glb`` file.
    """
    camera = camera.scaled_to(*depth.shape[::-1])
    step = ceil(sqrt(depth.size / MOST_POINTS))
    part = slice(None, None, step), slice(None, None, step)
    shown = (valid_pixels(depth) & ~is_gap(depth, camera))[part]
    points = np.where(shown[..., None], unproject(depth, camera)[part], 0) * (1, -1, -1)
    colors = np.full((*shown.shape, 4), OPAQUE)
    colors[..., :3] = _linear(image[part][..., ::-1])
    return _glb(points.reshape(-1, 3), colors.reshape(-1, 4), _triangles(shown))


def _triangles(shown: np.ndarray) -> np.ndarray:
    """Corners of the triangles between neighbours that are shown (H, W), as indices (N,)."""
    number = np.arange(shown.size).reshape(shown.shape)
    left_top, right_top = number[:-1, :-1], number[:-1, 1:]
    left_bottom, right_bottom = number[1:, :-1], number[1:, 1:]
    triangles = np.stack(  # counter-clockwise, as seen from the camera
        [left_top, left_bottom, right_top, right_top, left_bottom, right_bottom], axis=-1
    ).reshape(-1, 3)
    return triangles[shown.ravel()[triangles].all(axis=1)].ravel()


def _linear(srgb: np.ndarray) -> np.ndarray:
    """Colours of sRGB, uint8, as glTF has them at vertices: linear, uint16."""
    share = srgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.rint(linear * OPAQUE).astype(np.uint16)


def _glb(positions: np.ndarray, colors: np.ndarray, indices: np.ndarray) -> bytes:
    """A file of one mesh: (N, 3) float32, (N, 4) uint16 and the corners of triangles (M,)."""
    parts = [
        (positions.astype('<f4'), ARRAY_BUFFER, FLOAT, 'VEC3'),
        (colors.astype('<u2'), ARRAY_BUFFER, UINT16, 'VEC4'),
        (indices.astype('<u4'), ELEMENT_ARRAY_BUFFER, UINT32, 'SCALAR'),
    ]
    views, accessors, offset = [], [], 0
    for number, (array, target, component, kind) in enumerate(parts):
        views.append(dict(buffer=0, byteOffset=offset, byteLength=array.nbytes, target=target))
        accessors.append(
            dict(bufferView=number, componentType=component, count=len(array), type=kind)
        )
        offset += array.nbytes
    used = parts[0][0][indices] if len(indices) else np.zeros((1, 3))
    accessors[0] |= dict(min=used.min(0).tolist(), max=used.max(0).tolist())
    accessors[1]['normalized'] = True
    content = dict(
        asset=dict(version='2.0', generator='depthdecomp_mm'),
        extensionsUsed=['KHR_materials_unlit'],
        scene=0,
        scenes=[dict(nodes=[0])],
        nodes=[dict(mesh=0)],
        meshes=[
            dict(primitives=[dict(attributes=dict(POSITION=0, COLOR_0=1), indices=2, material=0)])
        ],
        materials=[dict(doubleSided=True, extensions=dict(KHR_materials_unlit={}))],
        buffers=[dict(byteLength=offset)],
        bufferViews=views,
        accessors=accessors,
    )
    text = json.dumps(content, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 4)
    binary = b''.join(array.tobytes() for array, *_ in parts)
    binary += bytes(-len(binary) % 4)
    chunks = struct.pack('<I4s', len(text), b'JSON') + text
    chunks += struct.pack('<I4s', len(binary), b'BIN\0') + binary
    return struct.pack('<4sII', b'glTF', 2, 12 + len(chunks)) + chunks
