"""What may be given to predict from: files, folders, globs, videos, images in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path

import numpy as np
import torch
from PIL import Image as PILImage

from depthdecomp_mm.errors import SampleError

from .frames import Video, is_video
from .records import is_recorded

IMAGE_SUFFIXES = ('.png', '.jpg', '.jpeg', '.bmp', '.ppm', '.tif', '.tiff', '.webp')

InMemory = np.ndarray | torch.Tensor | PILImage.Image
Image = str | InMemory
"""Path of an image file, or an image that :func:`to_array` takes."""
Input = str | Path | InMemory


def each_image(inputs: Input | Iterable[Input]) -> Iterator[Image]:
    """The images that an input stands for, read or asked for one after another.

    Args:
        inputs: One of, or a list, generator or other iterable of these:

            - path of an image, of a folder (its images by name, without those of folders in it and
              those that :class:`PredictionWriter` wrote there) or of a video
            - glob pattern
            - array (H, W, 3) uint8 BGR, as OpenCV reads images
            - tensor (3, H, W) uint8 RGB, as torchvision reads them, on any device
            - PIL image of 8 bits a channel

    Yields:
        Paths of images, and images in memory as they were given.

    Raises:
        SampleError: If a folder or pattern holds no image, a video cannot be read, or an input is
            none of these.
    """
    if isinstance(inputs, (str, Path)):
        for path in expand_pattern(str(inputs)):
            if is_video(path):
                yield from Video(path)
            else:
                yield from _images_in(path) if Path(path).is_dir() else [path]
    elif isinstance(inputs, InMemory):
        yield inputs
    elif isinstance(inputs, Iterable):
        for item in inputs:
            yield from each_image(item)
    else:
        raise SampleError(f'expected a path or an image, but found {type(inputs).__name__}')


def list_inputs(inputs: Input | Iterable[Input]) -> Sequence[Image]:
    """List the images of :func:`each_image`.

    Returns:
        Paths and images in memory. Frames of a video are read one after another as they are asked
        for; those of videos in a list or pattern all at once.

    Raises:
        SampleError: As :func:`each_image` does.
    """
    return Video(str(inputs)) if is_video(inputs) else list(each_image(inputs))


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


def _images_in(folder: str) -> list[str]:
    paths = [p for p in Path(folder).iterdir() if p.suffix.lower() in IMAGE_SUFFIXES]
    found = sorted(str(path) for path in paths if not is_recorded(path))
    if not found:
        raise SampleError(f'{folder}: no image found there')
    return found


def to_array(image: InMemory) -> np.ndarray:
    """Turn an image in memory into an array (H, W, 3) uint8 BGR.

    Args:
        image: Array (H, W, 3) uint8 BGR, tensor (3, H, W) uint8 RGB, or PIL image, of which grey
            gets three channels and alpha is dropped.

    Raises:
        SampleError: If it is none of these.
    """
    if isinstance(image, PILImage.Image):
        return np.ascontiguousarray(_rgb_of(image)[..., ::-1])
    if isinstance(image, torch.Tensor):
        _check(image, image.shape[:1] == (3,), torch.uint8, 'a tensor (3, H, W) uint8 in RGB order')
        return np.ascontiguousarray(image.flip(0).permute(1, 2, 0).cpu().numpy())
    _check(image, image.shape[2:] == (3,), np.uint8, 'an array (H, W, 3) uint8 in BGR order')
    return image


def _check(image: InMemory, has_channels: bool, dtype, expected: str) -> None:
    if image.ndim != 3 or not has_channels or image.dtype != dtype or 0 in image.shape:
        raise SampleError(f'expected {expected}, but found {tuple(image.shape)} {image.dtype}')


def _rgb_of(image: PILImage.Image) -> np.ndarray:
    if image.mode.startswith(('I', 'F')) or 0 in image.size:
        raise SampleError(
            f'expected a PIL image of 8 bits a channel, but found mode {image.mode}, {image.size}'
        )
    try:
        return np.asarray(image.convert('RGB'))
    except OSError as error:  # PIL reads a file when its pixels are asked for
        raise SampleError(f'{getattr(image, "filename", "PIL image")}: {error}') from error
