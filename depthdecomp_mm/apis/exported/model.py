"""An exported file in the place of a model."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from mmengine.structures import BaseDataElement
from torch import Tensor, nn

from depthdecomp_mm.apis.intrinsics import Intrinsics
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.models.data_preprocessor import DepthDataPreprocessor
from depthdecomp_mm.models.prediction import flip_averaged, store_prediction
from depthdecomp_mm.structures import DepthDataSample, sample_name

from .about import About

Runner = Callable[[np.ndarray], np.ndarray]
"""From (B, 3, H, W) float32 RGB of 0 to 255 to (B, 1, H, W) float32 metres."""


class ExportedModel(nn.Module):
    """Predicts with an exported file what :class:`DepthDecomposer` predicts with its weights.

    It offers what :class:`~depthdecomp_mm.apis.DepthInferencer` asks of a model, and depth alone.

    Args:
        run: Runs the file.
        about: What the file says of itself.
        name: The file, for messages.

    Raises:
        ValueError: If the file carries no test pipeline.
    """

    outputs = ('metric',)

    def __init__(self, run: Runner, about: About, name: str) -> None:
        super().__init__()
        self.run, self.about, self.name = run, about, name
        self.cfg = about.config()
        self.codec = about.codec
        self.canonical_focal = 1.0 if about.camera else None  # asks for the images' cameras
        self.test_cfg = dict(flip_test=about.flip_test, outputs=())
        self.dataset_meta: dict = {}
        # normalisation is in the graph
        self.data_preprocessor = DepthDataPreprocessor(mean=(0.0,) * 3, std=(1.0,) * 3)

    @property
    def camera(self) -> Callable[[tuple[int, int]], Intrinsics] | None:
        """From an image's size (width, height) to the camera that the file was exported for."""
        camera = self.about.camera
        return camera and (lambda size: camera.scaled_to(*size))

    def predict(
        self,
        inputs: Tensor,
        data_samples: list | None = None,
        flip_test: bool | None = None,
        outputs: Sequence[str] | None = None,
    ) -> list[DepthDataSample]:
        """Predict at the size of the original images, as :meth:`DepthDecomposer.predict` does.

        Args:
            inputs: (B, 3, H, W) float32, RGB of 0 to 255.
            data_samples: Samples of the batch; new ones by default.
            flip_test: In place of what the checkpoint's config says.
            outputs: None but depth.

        Raises:
            SampleError: If the file takes no images of this size, or is for another camera.
        """
        flip_test = self.test_cfg['flip_test'] if flip_test is None else flip_test
        samples = [DepthDataSample() for _ in inputs] if data_samples is None else data_samples
        size = tuple(inputs.shape[-2:])
        for sample in samples:
            self._check_size(sample, size)
            self._check_camera(sample, size)
        predict, wanted = self._predict_batch, {'metric'}
        maps = flip_averaged(predict, inputs, wanted) if flip_test else predict(inputs, wanted)
        for i, sample in enumerate(samples):
            sample.set_metainfo(dict(representation=self.codec.representation))
            store_prediction(sample, {k: v[i] for k, v in maps.items()}, size)
        return samples

    def _predict_batch(self, inputs: Tensor, wanted: set[str]) -> dict[str, Tensor]:
        return dict(metric=torch.from_numpy(self.run(inputs.contiguous().numpy())))

    def _check_size(self, sample: BaseDataElement, size: tuple[int, int]) -> None:
        about = self.about
        divisible = not any(side % about.divisor for side in size)
        if size != about.size and not (about.dynamic_size and divisible):
            wanted = f'multiples of {about.divisor}' if about.dynamic_size else f'{about.size}'
            raise SampleError(
                f'{sample_name(sample)}: {self.name} takes images of {wanted} (H, W), but the '
                f'test pipeline gives {size}'
            )

    def _check_camera(self, sample: BaseDataElement, size: tuple[int, int]) -> None:
        camera = self.about.camera
        if camera is None:
            return
        side = math.sqrt(camera.width * camera.height)
        expected = camera.fx / side * math.sqrt(math.prod(size))
        focal = sample.get('focal') or expected
        if not 0.99 < focal / expected < 1.01:
            raise SampleError(
                f'{sample_name(sample)}: {self.name} was exported for a camera with a focal length '
                f'of {expected:.1f} pixels at {size[1]} x {size[0]}, but that of this image has '
                f'{focal:.1f}: export a file for it'
            )
