"""The Kinect of NYUv2: from its raw colour and disparity to an aligned pair.

Pixels are counted from 0 here; the published principal points count from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from depthdecomp_mm.errors import SampleError

SIZE = (640, 480)
"""Width and height of both cameras' images."""
NO_DISPARITY = 2047
"""Disparity of a pixel without measurement; larger values cannot occur in 11 bits."""
MAX_DEPTH = 10.0
JUMP = 2.0
"""Neighbours whose disparities differ by more than this belong to different surfaces."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with OpenCV's distortion coefficients (k1, k2, p1, p2, k3)."""

    focal: tuple[float, float]
    centre: tuple[float, float]
    distortion: tuple[float, float, float, float, float]

    @property
    def matrix(self) -> np.ndarray:
        """(3, 3) intrinsic matrix for pixels counted from 0."""
        (fx, fy), (cx, cy) = self.focal, self.centre
        return np.array([[fx, 0, cx - 1], [0, fy, cy - 1], [0, 0, 1]])

    def undistortion_maps(self) -> tuple[np.ndarray, np.ndarray]:
        """Source columns and rows, (480, 640) float32 each, of every undistorted pixel."""
        distortion = np.array(self.distortion)
        return cv2.initUndistortRectifyMap(
            self.matrix, distortion, None, self.matrix, SIZE, cv2.CV_32FC1
        )


COLOR = Camera(
    focal=(518.85790117450188, 519.46961112127485),
    centre=(325.58244941119034, 253.73616633400465),
    distortion=(
        0.20796615318809061,
        -0.58613825163911781,
        7.2231363135888329e-4,
        1.0479627195765181e-3,
        0.49856986684705107,
    ),
)
DEPTH = Camera(
    focal=(582.62448167737955, 582.69103270988637),
    centre=(313.04475870804731, 238.44389626620386),
    distortion=(
        -0.099897236553084481,
        0.39065324602765344,
        1.9290592870229277e-3,
        -1.9422022475975055e-3,
        -0.51031725053400578,
    ),
)
# A point p of the depth camera is ROTATION^T p - TRANSLATION (metres) in the colour camera.
ROTATION = np.array(
    [
        [0.99997798940829263, 0.0050518419386157446, 0.0043011152014118693],
        [-0.0050359919480810989, 0.99998051861143999, -0.0036879781309514218],
        [-0.0043196624923060242, 0.0036662365748484798, 0.99998394948385538],
    ]
)
TRANSLATION = np.array([0.025031875059141302, 0.00066238747008330102, -0.00029342312935846411])


def read_color(path: str | Path) -> np.ndarray:
    """Read a raw colour frame (binary PPM).

    Returns:
        (480, 640, 3) uint8, BGR, still distorted.

    Raises:
        SampleError: If the file is not a whole 8-bit PPM of this size.
    """
    body = _netpbm_body(path, b'P6', SIZE[0] * SIZE[1] * 3)
    return np.frombuffer(body, np.uint8).reshape(SIZE[1], SIZE[0], 3)[..., ::-1]


def read_disparity(path: str | Path) -> np.ndarray:
    """Read a raw depth frame (binary 16-bit PGM of 11-bit disparities).

    PGM is big-endian, the raw dump is little-endian; files rewritten by other tools follow the
    format. Only the right byte order gives values of 11 bits.

    Returns:
        (480, 640) uint16 disparity in the depth camera's distorted frame; 2047 = not measured.

    Raises:
        SampleError: If the file is not a whole 16-bit PGM of this size, or if its values exceed
            11 bits in either byte order.
    """
    body = _netpbm_body(path, b'P5', SIZE[0] * SIZE[1] * 2)
    for order in ('<u2', '>u2'):
        disparity = np.frombuffer(body, order)
        if disparity.max() <= NO_DISPARITY:
            return disparity.astype(np.uint16).reshape(SIZE[1], SIZE[0])
    low, high = (np.frombuffer(body, order).max() for order in ('<u2', '>u2'))
    raise SampleError(
        f'{path}: largest value {low} as little-endian and {high} as big-endian, '
        f'expected 11-bit disparities (at most {NO_DISPARITY}) in one of them'
    )


def _netpbm_body(path: str | Path, magic: bytes, length: int) -> bytes:
    """Pixel bytes of a binary PPM or PGM of the Kinect's size, after checking its header."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise SampleError(f'{path}: cannot be read: {error}') from error
    header = re.match(rb'(P\d)\s+(?:#[^\n]*\n\s*)*(\d+)\s+(\d+)\s+(\d+)\s', content[:256])
    expected = (magic, *SIZE)
    found = header and (header[1], int(header[2]), int(header[3]))
    pixels = len(content) - header.end() if header else 0
    wide = header and int(header[4]) > 255
    if found != expected or pixels != length or wide != (magic == b'P5'):
        raise SampleError(
            f'{path}: found {header[0] if header else content[:16]!r} and {pixels} bytes of '
            f'pixels, expected {magic.decode()} {SIZE[0]} {SIZE[1]} and {length} bytes'
        )
    return content[header.end() :]


def disparity_to_depth(disparity: np.ndarray) -> np.ndarray:
    """Depth from 11-bit disparity.

    Args:
        disparity: Any shape, 0..2047, fractions allowed; 2047 = not measured.

    Returns:
        Same shape, float64, metres; 0 where not measured, negative or beyond 10 m.
    """
    disparity = np.asarray(disparity, np.float64)
    with np.errstate(divide='ignore'):
        depth = 351.3 / (1092.5 - disparity)
    valid = (disparity < NO_DISPARITY) & (depth > 0) & (depth <= MAX_DEPTH)
    return np.where(valid, depth, 0.0)


def undistort_color(image: np.ndarray) -> np.ndarray:
    """Colour image (480, 640, 3) without lens distortion; white where the camera saw nothing."""
    return cv2.remap(
        image,
        *COLOR.undistortion_maps(),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )


def undistort_disparity(disparity: np.ndarray) -> np.ndarray:
    """Disparity (480, 640) without lens distortion, float32; 2047 where not measured.

    Interpolated within surfaces; across a jump the nearest pixel counts, and what touches a hole
    becomes one, so that no pixel floats between two surfaces.
    """
    maps = DEPTH.undistortion_maps()
    border = {'borderMode': cv2.BORDER_CONSTANT, 'borderValue': NO_DISPARITY}
    linear = cv2.remap(disparity.astype(np.float32), *maps, cv2.INTER_LINEAR, **border)
    nearest = cv2.remap(disparity.astype(np.float32), *maps, cv2.INTER_NEAREST, **border)
    hole = (disparity >= NO_DISPARITY).astype(np.float32)
    hole = cv2.remap(hole, *maps, cv2.INTER_LINEAR, **{**border, 'borderValue': 1}) > 0
    result = np.where(np.abs(linear - nearest) > JUMP, nearest, linear)
    result[hole] = NO_DISPARITY
    return result


def project_to_color(depth: np.ndarray) -> np.ndarray:
    """Carry a depth map from the depth camera to the colour camera; the nearest point wins.

    Args:
        depth: (480, 640) metres in the undistorted depth camera; 0 where not measured.

    Returns:
        (480, 640) float32 metres in the undistorted colour camera; 0 where no point falls.
    """
    width, height = SIZE
    rows, columns = np.nonzero(depth)
    rays = np.stack([columns, rows, np.ones(len(rows))]).astype(np.float64)
    points = np.linalg.inv(DEPTH.matrix) @ rays * depth[rows, columns]
    points = ROTATION.T @ points - TRANSLATION[:, None]
    pixels = COLOR.matrix @ points
    x, y = np.rint(pixels[:2] / pixels[2]).astype(int)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    nearest = np.full((height, width), np.inf)
    np.minimum.at(nearest, (y[inside], x[inside]), points[2, inside])
    return np.where(np.isfinite(nearest), nearest, 0).astype(np.float32)


def align(color: np.ndarray, disparity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An aligned pair from one raw colour and one raw depth frame.

    Args:
        color: (480, 640, 3) uint8 BGR, as :func:`read_color` returns it.
        disparity: (480, 640) uint16, as :func:`read_disparity` returns it.

    Returns:
        The undistorted colour image, and its depth as (480, 640) float32 metres, 0 where not
        measured.
    """
    depth = disparity_to_depth(undistort_disparity(disparity))
    return undistort_color(color), project_to_color(depth)
