"""ONNX files as teachers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from depthdecomp_mm.apis.records import is_ours
from depthdecomp_mm.errors import UserError

from .known import licence_of
from .meaning import Meaning
from .teachers import digest_of_file

IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
"""Mean and standard deviation of RGB, of 0 to 255."""


class OnnxTeacher:
    """An ONNX file from an image (1, 3, H, W) float32 RGB to one map.

    Images are resized to the size that the file states. Files that ``depthdecomp export`` wrote
    take them as they are, and give metres.

    Args:
        name: The file.
        size: (H, W) to resize to, where the file leaves it open.
        mean: Of red, green and blue, 0 to 255; subtracted.
        std: Of red, green and blue, 0 to 255; divided by.

    Raises:
        UserError: If onnxruntime is missing or cannot load it, or it takes or gives something else.
    """

    def __init__(
        self,
        name: str,
        size: tuple[int, int] | None = None,
        mean: Sequence[float] = IMAGENET[0],
        std: Sequence[float] = IMAGENET[1],
    ) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise UserError(
                f'{name}: needs onnxruntime: pip install depthdecomp_mm[teachers]'
            ) from error
        self.name, self.identity, self.licence = name, digest_of_file(name), licence_of(name)
        try:
            self._session = onnxruntime.InferenceSession(name, providers=['CPUExecutionProvider'])
        except Exception as error:  # of onnxruntime's own types
            raise UserError(f'{name}: onnxruntime cannot load it: {error}') from error
        own = is_ours(Path(name))
        self.meaning = Meaning('depth', 'metre') if own else None
        self._mean = np.float32((0, 0, 0) if own else mean)
        self._std = np.float32((1, 1, 1) if own else std)
        self._size = self._find_size(size)

    def _find_size(self, asked: tuple[int, int] | None) -> tuple[int, int]:
        inputs = self._session.get_inputs()
        shape = inputs[0].shape
        if len(inputs) != 1 or len(shape) != 4 or shape[1] != 3:
            found = [i.shape for i in inputs]
            raise UserError(f'{self.name}: takes {found}, expected one image (1, 3, H, W)')
        fixed = [side if isinstance(side, int) else None for side in shape[2:]]
        if asked is None and None in fixed:
            raise UserError(f'{self.name}: leaves the size of images open: say it with --size H W')
        size = tuple(asked or fixed)
        if any(side not in (None, wanted) for side, wanted in zip(fixed, size, strict=True)):
            raise UserError(f'{self.name}: takes images of {fixed} (H, W), but --size says {size}')
        return size

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Predict (H, W) numbers for an image (H, W, 3) uint8 BGR.

        Raises:
            UserError: If the file gives something else than one map.
        """
        height, width = self._size
        rgb = cv2.resize(image[..., ::-1], (width, height))
        batch = ((rgb.astype(np.float32) - self._mean) / self._std).transpose(2, 0, 1)[None]
        given = self._session.run(None, {self._session.get_inputs()[0].name: batch})[0]
        values = np.squeeze(given)
        if values.ndim != 2:
            raise UserError(f'{self.name}: gives an array of {given.shape}, expected one map')
        return cv2.resize(values.astype(np.float32), image.shape[1::-1])
