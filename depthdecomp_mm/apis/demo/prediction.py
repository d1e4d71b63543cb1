"""What the page asks a network for; nothing here knows of the page."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PILImage
from PIL import ImageOps

from depthdecomp_mm.apis.frames import Video
from depthdecomp_mm.apis.inferencer import DepthInferencer
from depthdecomp_mm.apis.inputs import to_array
from depthdecomp_mm.apis.intrinsics import Intrinsics
from depthdecomp_mm.apis.result import as_result
from depthdecomp_mm.apis.video import predict_video
from depthdecomp_mm.apis.writer import PredictionWriter
from depthdecomp_mm.errors import SampleError

from .camera import FROM_FILE, camera_of
from .surface import encode_glb

MOST_PIXELS = 1_000_000
"""Larger photographs are made smaller, so that clouds and pictures reach the browser quickly."""
KEPT_SECONDS = 3600
UNREADABLE = (OSError, SyntaxError, ValueError, PILImage.DecompressionBombError)


@dataclass
class Prediction:
    """What is known of a photograph.

    Attributes:
        image: (H, W, 3) uint8 BGR, upright.
        result: As :func:`~depthdecomp_mm.apis.as_result` gives it.
        camera: Its camera.
        camera_source: Where that is known from, in words.
        seconds: What the network took.
        files: To take home: maps (``.png``, ``.npy``), the cloud (``.ply``), a record of them.
        surface: The surface through its points as binary glTF, for the viewer; None without metres.
    """

    image: np.ndarray
    result: dict
    camera: Intrinsics
    camera_source: str
    seconds: float
    files: list[Path] = field(default_factory=list)
    surface: Path | None = None


class DemoPredictor:
    """Predicts photographs and videos with one network, and keeps the files for an hour.

    Args:
        inferencer: Predicts; what it predicts beside depth is shown, too.
        folder: Where files are written, in a folder of its own for each input.
    """

    def __init__(self, inferencer: DepthInferencer, folder: str | Path) -> None:
        self.inferencer = inferencer
        self.folder = Path(folder)

    def predict(
        self, path: str | Path, kind: str = FROM_FILE, number: float | None = None
    ) -> Prediction:
        """Predict a photograph, turned upright as its EXIF tags say.

        Args:
            path: The file.
            kind: How the camera is stated, as for :func:`camera_of`.
            number: The number that belongs to it, for the photograph as it is in the file.

        Raises:
            SampleError: If it cannot be read or predicted.
            UserError: If the camera cannot be made.
        """
        image = read_upright(path)
        camera, source = camera_of(kind, number, path, image.shape[1::-1])
        image = at_most(image, MOST_PIXELS)
        camera = camera.scaled_to(*image.shape[1::-1])
        start = time.perf_counter()
        [(_, sample)] = self._inferencer(camera).iterate_images([image])
        result = as_result(sample)
        prediction = Prediction(image, result, camera, source, time.perf_counter() - start)
        self._write(prediction, Path(path).stem)
        return prediction

    def predict_video(
        self, path: str | Path, kind: str = FROM_FILE, number: float | None = None
    ) -> Path:
        """Write a video of a video and its depth side by side, in a form that browsers play.

        Args:
            path: The file.
            kind: As of :meth:`predict`.
            number: As of :meth:`predict`.

        Raises:
            SampleError: If it cannot be read.
            UserError: If the camera cannot be made.
        """
        video = Video(str(path))
        camera, _ = camera_of(kind, number, path, (video.width, video.height))
        target = self._new_folder() / f'{Path(path).stem}_depth.webm'
        predict_video(self._inferencer(camera), path, target, show_progress=False)
        return target

    def _inferencer(self, camera: Intrinsics) -> DepthInferencer:
        """One with a camera of its own: several people may ask at the same time."""
        return DepthInferencer(
            self.inferencer.model,
            flip_test=self.inferencer.flip_test,
            amp=self.inferencer.amp,
            outputs=self.inferencer.outputs,
            camera=lambda size: camera,
        )

    def _write(self, prediction: Prediction, name: str) -> None:
        folder = self._new_folder()
        writer = PredictionWriter(folder, ('png', 'npy', 'ply'), lambda size: prediction.camera)
        prediction.files = writer.write(name, prediction.image, prediction.result)
        if 'depth' in prediction.result:
            prediction.surface = folder / f'{name}.glb'
            prediction.surface.write_bytes(
                encode_glb(prediction.result['depth'], prediction.image, prediction.camera)
            )

    def _new_folder(self) -> Path:
        """A folder for the files of one input; those of an hour ago go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another thread was first
                if time.time() - old.stat().st_mtime > KEPT_SECONDS:
                    shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=self.folder))


def read_upright(path: str | Path) -> np.ndarray:
    """Read a photograph as viewers show it, (H, W, 3) uint8 BGR.

    Raises:
        SampleError: If it cannot be read.
    """
    try:
        with PILImage.open(path) as image:
            upright = ImageOps.exif_transpose(image)
    except UNREADABLE as error:
        raise SampleError(f'{Path(path).name}: cannot be read as an image: {error}') from error
    return to_array(upright)


def at_most(image: np.ndarray, pixels: int) -> np.ndarray:
    """An image (H, W, 3) made smaller, in its proportions, if it has more pixels than that."""
    shrink = sqrt(pixels / (image.shape[0] * image.shape[1]))
    if shrink >= 1:
        return image
    size = [max(int(side * shrink), 1) for side in image.shape[1::-1]]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
