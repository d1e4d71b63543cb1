"""The part of a frame that is evaluated, or whose depth is trusted."""

from __future__ import annotations

from collections.abc import Sequence

from depthdecomp_mm.errors import SampleError

NYU_SIZE = (480, 640)
NYU_WINDOW = (45, 471, 41, 601)
FRACTIONS = {
    'garg': (0.40810811, 0.99189189, 0.03594771, 0.96405229),
    'eigen': (0.3324324, 0.91351351, 0.0359477, 0.96405229),
}
CROPS = ('nyu', *FRACTIONS)
Crop = str | Sequence[int] | None
"""``'nyu'`` (rows 45 to 470 and columns 41 to 600 of a 480 x 640 frame, both ends included);
``'garg'`` or ``'eigen'``, fractions of a KITTI frame of any size, truncated to whole pixels, with
the figures that the evaluation scripts of monodepth, BTS and ZoeDepth share (what these call the
eigen crop of NYUv2 is ``'nyu'``); ``(top, bottom, left, right)`` with ``bottom`` and ``right``
excluded; or None for the whole frame."""


def check_crop(crop: Crop) -> None:
    """Make sure that a crop makes sense.

    Raises:
        ValueError: If it does not.
    """
    if crop is None or crop in CROPS:
        return
    if not isinstance(crop, str) and len(crop) == 4:
        top, bottom, left, right = crop
        if 0 <= top < bottom and 0 <= left < right:
            return
    raise ValueError(
        f'crop must be None, one of {CROPS} or (top, bottom, left, right) with '
        f'0 <= top < bottom and 0 <= left < right, but got {crop!r}'
    )


def crop_window(crop: Crop, shape: tuple[int, int], name: str) -> tuple[slice, slice]:
    """Rows and columns of a crop in a frame.

    Args:
        crop: The crop.
        shape: (H, W) of the frame.
        name: The frame's file or number, for messages.

    Raises:
        SampleError: If the crop does not fit.

    Examples:
        >>> crop_window('nyu', (480, 640), 'frame.png')
        (slice(45, 471, None), slice(41, 601, None))
    """
    if crop is None:
        return slice(None), slice(None)
    if crop == 'nyu' and shape != NYU_SIZE:
        raise SampleError(
            f"{name}: crop 'nyu' is of a frame of {NYU_SIZE}, but gt_depth_map has {shape}"
        )
    top, bottom, left, right = _corners(crop, shape)
    if bottom > shape[0] or right > shape[1]:
        raise SampleError(f'{name}: crop {tuple(crop)} exceeds gt_depth_map, which has {shape}')
    return slice(top, bottom), slice(left, right)


def describe_crop(crop: Crop) -> str:
    """A crop in words, its corners included where only we know them."""
    if crop != 'nyu':
        return str(crop)
    top, bottom, left, right = NYU_WINDOW
    return f'nyu (rows {top}..{bottom - 1}, columns {left}..{right - 1})'


def _corners(crop: str | Sequence[int], shape: tuple[int, int]) -> tuple[int, int, int, int]:
    if not isinstance(crop, str):
        return tuple(crop)
    if crop == 'nyu':
        return NYU_WINDOW
    sides = (shape[0], shape[0], shape[1], shape[1])
    return tuple(int(f * s) for f, s in zip(FRACTIONS[crop], sides, strict=True))
