"""The camera of a photograph, as someone states it in a form."""

from __future__ import annotations

from pathlib import Path

from depthdecomp_mm.apis.exif import exif_focal
from depthdecomp_mm.apis.intrinsics import ASSUMED_FOV, CAMERAS, Intrinsics
from depthdecomp_mm.errors import UserError

FROM_FILE = 'what the file says'
FIELD_OF_VIEW = 'field of view, degrees'
FOCAL_LENGTH = 'focal length, pixels'
CAMERA_KINDS = (FROM_FILE, FIELD_OF_VIEW, FOCAL_LENGTH, *CAMERAS)
"""How a camera may be stated: by the EXIF tags of the file, by a number, or by its name."""


def camera_of(
    kind: str, number: float | None, path: str | Path, size: tuple[int, int]
) -> tuple[Intrinsics, str]:
    """The camera of a photograph, and where it is known from.

    Args:
        kind: Of :data:`CAMERA_KINDS`.
        number: The degrees (horizontal) or pixels; of no meaning for other kinds.
        path: The photograph, whose EXIF tags may tell the focal length.
        size: Its width and height, pixels.

    Raises:
        UserError: If the number is missing or makes no camera.
    """
    if kind in CAMERAS:
        return CAMERAS[kind].scaled_to(*size), f'that of {kind}'
    if kind == FROM_FILE:
        focal = exif_focal(str(path))
        if focal:
            return Intrinsics.from_focal(size, focal), 'by the EXIF tags of the file'
        return Intrinsics.from_fov(size, ASSUMED_FOV), f'unknown, {ASSUMED_FOV:g} degrees assumed'
    if number is None:
        raise UserError(f'the camera is to be given by its {kind}, but the number is missing')
    try:
        make = Intrinsics.from_fov if kind == FIELD_OF_VIEW else Intrinsics.from_focal
        return make(size, number), 'as given'
    except ValueError as error:
        raise UserError(f'{kind}: {error}') from error
