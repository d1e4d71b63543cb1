"""Frames of video files."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import mmcv
import numpy as np

from depthdecomp_mm.errors import SampleError

VIDEO_SUFFIXES = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v', '.mpg', '.mpeg')


class Video(mmcv.VideoReader):
    """A video whose frames are read one after another, with a warning if some cannot be.

    Its length is the number of frames that the file announces.

    Args:
        path: The file.

    Raises:
        SampleError: If it is missing or not a video that OpenCV can decode.
    """

    def __init__(self, path: str) -> None:
        if not Path(path).exists():
            raise SampleError(f'{path}: no such file')
        if not Path(path).is_file():
            raise SampleError(f'{path}: found no regular file')
        super().__init__(path)
        self.path = path
        if not self.opened or not self.width:
            raise SampleError(f'{path}: cannot be decoded as a video')

    def __iter__(self) -> Iterator[np.ndarray]:
        """The frames from the first on, (H, W, 3) uint8 BGR."""
        super().__iter__()  # goes back to the first
        count = 0
        while (frame := self.read()) is not None:
            count += 1
            yield frame
        if count < len(self):
            warnings.warn(f'{self.path}: {count} of {len(self)} frames could be read', stacklevel=2)


def is_video(path: str | Path) -> bool:
    """Whether a path is that of a video, by its suffix."""
    return isinstance(path, (str, Path)) and Path(path).suffix.lower() in VIDEO_SUFFIXES
