"""Pinhole cameras."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import atan, degrees, isfinite, radians, tan

from depthdecomp_mm.datasets.converters import kinect

ASSUMED_FOV = 60.0


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera and the size of the images that it is described for.

    Args:
        fx: Focal length, pixels.
        fy: Focal length, pixels.
        cx: Column of the principal point, pixels; the centre of the first pixel is 0.
        cy: Row of the principal point, likewise.
        width: Width of the images, pixels.
        height: Height of the images, pixels.

    Raises:
        ValueError: If a number is not finite, or a focal length not positive.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int

    def __post_init__(self) -> None:
        if not (self.fx > 0 and self.fy > 0):
            raise ValueError(f'expected fx, fy > 0 pixels, but found {self.fx} and {self.fy}')
        if not all(map(isfinite, (self.fx, self.fy, self.cx, self.cy))):
            raise ValueError(f'expected finite numbers, but found {self}')

    @property
    def horizontal_fov(self) -> float:
        """Horizontal field of view, degrees, as if the principal point was in the middle."""
        return degrees(2 * atan(self.width / 2 / self.fx))

    def scaled_to(self, width: int, height: int) -> Intrinsics:
        """The camera of the same images resized; warns if their proportions change by over 1 %."""
        sx, sy = width / self.width, height / self.height
        if not 0.99 < sx / sy < 1.01:
            warnings.warn(
                f'camera of {self.width} x {self.height} images used for {width} x {height}: '
                'right only if these were squeezed, not cut',
                stacklevel=2,
            )
        return Intrinsics(
            fx=self.fx * sx,
            fy=self.fy * sy,
            cx=(self.cx + 0.5) * sx - 0.5,
            cy=(self.cy + 0.5) * sy - 0.5,
            width=width,
            height=height,
        )

    @classmethod
    def from_focal(
        cls,
        size: tuple[int, int],
        fx: float,
        fy: float | None = None,
        cx: float | None = None,
        cy: float | None = None,
    ) -> Intrinsics:
        """Of images of a size (width, height); square pixels and a central point by default."""
        width, height = size
        cx = (width - 1) / 2 if cx is None else cx
        cy = (height - 1) / 2 if cy is None else cy
        return cls(fx, fx if fy is None else fy, cx, cy, width, height)

    @classmethod
    def from_fov(cls, size: tuple[int, int], fov: float) -> Intrinsics:
        """Of images of a size (width, height) and a horizontal field of view in degrees."""
        if not 0 < fov < 180:
            raise ValueError(f'expected a field of view between 0 and 180 degrees, found {fov}')
        return cls.from_focal(size, size[0] / 2 / tan(radians(fov) / 2))

    @classmethod
    def assumed(cls, size: tuple[int, int]) -> Intrinsics:
        """For images (width, height) of an unknown camera, with a warning."""
        warnings.warn(
            f'the camera is unknown: a horizontal field of view of {ASSUMED_FOV:g} degrees is '
            'assumed, so that the shape of point clouds is a guess',
            stacklevel=2,
        )
        return cls.from_fov(size, ASSUMED_FOV)


CAMERAS = {
    'nyu': Intrinsics(
        *kinect.COLOR.focal, *(float(c) for c in kinect.COLOR.matrix[:2, 2]), *kinect.SIZE
    ),
    'redwood': Intrinsics(525.0, 525.0, 319.5, 239.5, 640, 480),
}
"""Cameras by name: the colour camera of NYUv2, and PrimeSense as Redwood describes it."""
