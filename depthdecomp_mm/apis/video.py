"""Depth of videos."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from depthdecomp_mm.errors import OutputError, SampleError
from depthdecomp_mm.files import keep_inputs, whole_file
from depthdecomp_mm.progress import Progress
from depthdecomp_mm.visualization import (
    NEAR_IS_LARGE,
    NEAR_IS_SMALL,
    colorize,
    value_range,
)

from .frames import Video
from .inferencer import DepthInferencer
from .records import check_replaceable, record_of, write_record
from .result import as_result

CODECS = {'.mp4': 'mp4v', '.avi': 'MJPG', '.webm': 'VP80'}


class SteadyRange:
    """A colour range that follows a video slowly, so that its colours do not flicker.

    Args:
        momentum: Share of the range before that is kept with every frame; 1 keeps that of the first
            frame.
        limits: A range that is kept for good.

    Raises:
        ValueError: If the limits are not two finite numbers, the smaller first.
    """

    def __init__(self, momentum: float = 0.97, limits: tuple[float, float] | None = None) -> None:
        if limits is not None and not -math.inf < limits[0] < limits[1] < math.inf:
            raise ValueError(f'expected finite near < far, but found {limits[0]} and {limits[1]}')
        self.momentum = momentum
        self.limits = limits
        self.fixed = limits is not None

    def update(self, values: np.ndarray) -> tuple[float, float]:
        """The range for a frame of any shape."""
        if self.fixed:
            return self.limits
        new = value_range(values)
        if self.limits is None:
            self.limits = new
        self.limits = tuple(
            self.momentum * old + (1 - self.momentum) * now
            for old, now in zip(self.limits, new, strict=True)
        )
        return self.limits


@dataclass
class VideoSummary:
    """What became of a video.

    Attributes:
        frames: Number of frames written.
        seconds: Seconds that took, reading and writing included.
        announced: Number of frames that the source has according to itself.
    """

    frames: int
    seconds: float
    announced: int

    @property
    def frames_per_second(self) -> float:
        """Frames written in a second."""
        return self.frames / max(self.seconds, 1e-9)


def predict_video(
    inferencer: DepthInferencer,
    source: str | Path,
    target: str | Path,
    batch_size: int = 1,
    limits: tuple[float, float] | None = None,
    show_progress: bool = True,
) -> VideoSummary:
    """Write a video of the input and its depth in colours, side by side.

    Near is bright. Depth has a colour range that is held steady over time. Sound is dropped.

    Args:
        inferencer: Predicts depth, or normalized maps if its model has no M-Net.
        source: Video file.
        target: Video file to write, whole or not at all: ``.mp4``, ``.avi``, or ``.webm``, which
            every browser plays. Beside it ``<target>.json`` says what it shows; only with that a
            video that is there already is replaced.
        batch_size: Frames that pass through the model together.
        limits: Colour range to keep, in metres.
        show_progress: Whether to show a bar with the frames a second.

    Raises:
        SampleError: If the source cannot be read, or has no frame.
        OutputError: If OpenCV cannot write the target, or it is somebody else's.
        UserError: If the target is the source.
    """
    source, target = str(source), Path(target)
    keep_inputs([target, record_of(target)], [source])
    check_replaceable(record_of(target), [target.name])
    colors, video = SteadyRange(limits=limits), Video(source)
    bar = Progress(max(len(video), 0)) if show_progress else None
    start, frames = time.perf_counter(), 0
    with whole_file(target) as partial, _video_writer(partial, target, video) as writer:
        for frame, sample in inferencer.iterate_images(video, batch_size):
            result = as_result(sample)
            writer.write(np.hstack([frame, color_frame(result, colors)]))
            frames += 1
            if bar:
                bar.update()
        writer.release()
        if bar:
            bar.close()
        if not frames:
            raise SampleError(f'{source}: no frame could be read')
        if len(Video(str(partial))) != frames:  # OpenCV drops what it cannot write
            raise OutputError(f'{target}: cannot be written whole; is the disk full?')
        summary = VideoSummary(frames, time.perf_counter() - start, len(video))
        about = dict(frames=frames, frames_announced=len(video), unit=result['unit'])
        write_record(record_of(target), dict(video=source), {target.name: about})
    return summary


@contextmanager
def _video_writer(path: Path, target: Path, video: Video) -> Iterator[cv2.VideoWriter]:
    codec = cv2.VideoWriter_fourcc(*CODECS.get(target.suffix, CODECS['.mp4']))
    size = 2 * video.width, video.height
    writer = cv2.VideoWriter(str(path), codec, video.fps or 30.0, size)
    if not writer.isOpened():
        raise OutputError(
            f'{target}: OpenCV cannot write such a video; expected one of {", ".join(CODECS)}'
        )
    try:
        yield writer
    finally:
        writer.release()


def color_frame(result: dict, colors: SteadyRange) -> np.ndarray:
    """A prediction in colours, (H, W, 3) uint8 BGR; near is bright."""
    values = result.get('depth', result.get('normalized'))
    grows_with_distance = 'depth' in result or result['representation'] == 'depth'
    cmap = NEAR_IS_SMALL if grows_with_distance else NEAR_IS_LARGE
    return colorize(values, *colors.update(values), cmap)[..., ::-1]
