"""The focal length that a photograph states."""

from __future__ import annotations

import math

from PIL import Image

EXIF = 0x8769
FOCAL_LENGTH_35MM = 0xA405
DIAGONAL_35MM = math.hypot(36, 24)


def exif_focal(path: str) -> float | None:
    """The focal length in pixels of an image file, by its 35 mm equivalent; None if it has none.

    Cutting an image to a part of it makes the tag wrong, resizing does not.
    """
    try:
        with Image.open(path) as image:
            millimetres = image.getexif().get_ifd(EXIF).get(FOCAL_LENGTH_35MM)
            diagonal = math.hypot(*image.size)
    except (OSError, SyntaxError, ValueError):  # whether it is an image is for the loader to say
        return None
    return millimetres / DIAGONAL_35MM * diagonal if millimetres else None
