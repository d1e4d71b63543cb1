"""What may be given to predict from: files, folders, globs, videos, arrays."""

from __future__ import annotations

from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path

import mmcv
import numpy as np

from depthdecomp_mm.errors import SampleError

IMAGE_SUFFIXES = ('.png', '.jpg', '.jpeg', '.bmp', '.ppm', '.tif', '.tiff', '.webp')
VIDEO_SUFFIXES = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v', '.mpg', '.mpeg')

Input = str | Path | np.ndarray


def list_inputs(inputs: Input | Sequence[Input]) -> Sequence[str | np.ndarray]:
    """List the images that an input stands for.

    Args:
        inputs: Path of an image, of a folder (its images by name, not those of folders in it) or of
            a video; a glob pattern; an array (H, W, 3) uint8 BGR; or a list of paths, patterns and
            arrays.

    Returns:
        Paths and arrays. Frames of a video are read one after another as they are asked
        for; those of videos in a list or pattern all at once.

    Raises:
        SampleError: If a folder or pattern holds no image, or a video cannot be read.
    """
    if isinstance(inputs, (list, tuple)):
        return [image for item in inputs for image in list_inputs(item)]
    if isinstance(inputs, np.ndarray):
        return [inputs]
    path = str(inputs)
    if (files := expand_pattern(path)) != [path]:
        return list_inputs(files)
    if is_video(path):
        return open_video(path)
    if not Path(path).is_dir():
        return [path]
    found = [str(p) for p in Path(path).iterdir() if p.suffix.lower() in IMAGE_SUFFIXES]
    if not found:
        raise SampleError(f'{path}: no image found there')
    return sorted(found)


def expand_pattern(path: str) -> list[str]:
    """The files that a glob pattern stands for, sorted; the path alone if it is none.

    Raises:
        SampleError: If no file fits the pattern.
    """
    if not has_magic(path) or Path(path).exists():
        return [path]
    found = sorted(file for file in glob(path, recursive=True) if Path(file).is_file())
    if not found:
        raise SampleError(f'{path}: no file fits this pattern')
    return found


def is_video(path: str | Path) -> bool:
    """Whether a path is that of a video, by its suffix."""
    return isinstance(path, (str, Path)) and Path(path).suffix.lower() in VIDEO_SUFFIXES


def open_video(path: str) -> mmcv.VideoReader:
    """Open a video through OpenCV.

    Raises:
        SampleError: If it is missing or not a video that OpenCV can decode.
    """
    if not Path(path).is_file():
        raise SampleError(f'{path}: no such file')
    video = mmcv.VideoReader(path)
    if not video.opened or not video.width:
        raise SampleError(f'{path}: cannot be decoded as a video')
    return video


def check_array(image: np.ndarray) -> np.ndarray:
    """Return an array that is an image.

    Raises:
        SampleError: If it is not (H, W, 3) uint8.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise SampleError(
            f'expected an array (H, W, 3) uint8 in BGR order, but found {image.shape} {image.dtype}'
        )
    return image
