"""A model as one graph from raw images to metres."""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from timm.layers import Conv2dSame
from torch import Tensor, nn

from depthdecomp_mm.apis.intrinsics import Intrinsics
from depthdecomp_mm.datasets.transforms.decoding import MAX_PIXELS
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.mmengine_internals import swaps_channels
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.models.encoders.timm_encoder import fix_same_padding
from depthdecomp_mm.models.layers import resize


class ExportError(UserError):
    """A model that cannot be exported, or whose export predicts something else."""


class ExportableModel(nn.Module):
    """From raw images to metres in one graph, normalisation, decoding and resizing included.

    Depth is calibrated if the model's is. The mirrored image is not averaged in.

    Args:
        model: A model with M-Net; copied.
        camera: That of the images, which may come resized, for a model with a ``canonical_focal``.

    Raises:
        ExportError: If the model has no M-Net, its images are not normalised, or it needs a camera.
    """

    def __init__(self, model: DepthDecomposer, camera: Intrinsics | None = None) -> None:
        super().__init__()
        self.scale_of_a_side = 0.0
        if model.canonical_focal:
            if camera is None:
                raise ExportError('export of a network with a canonical_focal needs the camera')
            side = math.sqrt(camera.width * camera.height)
            self.scale_of_a_side = camera.fx / side / model.canonical_focal
        if 'metric' not in model.outputs:
            raise ExportError(f'export needs a model that gives metres; this gives {model.outputs}')
        self.model = copy.deepcopy(model).cpu().eval().requires_grad_(False)
        self.model.compile(disable=True)  # what is compiled cannot be traced
        encoder = self.model.encoder
        self.divisor = encoder.size_divisor
        if not hasattr(self.model.data_preprocessor, 'mean'):
            raise ExportError('export needs a data_preprocessor with mean and std; there is none')
        if any(isinstance(module, Conv2dSame) for module in encoder.modules()):
            # for every multiple of the divisor 'same' padding is what it is for the divisor itself
            fix_same_padding(encoder, self.divisor)

    def forward(self, image: Tensor) -> Tensor:
        """Predict depth.

        Args:
            image: (B, 3, H, W) float32 RGB of 0 to 255; H and W multiples of ``divisor``.

        Returns:
            (B, 1, H, W) float32 metres.
        """
        preprocessor = self.model.data_preprocessor
        if not swaps_channels(preprocessor):  # trained on BGR
            image = image.flip(1)
        image = (image - preprocessor.mean) / preprocessor.std
        code = self.model.raw_outputs(image, ['metric'])['metric']
        return resize(self.model.decode(code, self.camera_scale(image)), image.shape[-2:])

    def camera_scale(self, image: Tensor) -> float | Tensor:
        """True metres for each canonical one; a larger image has a longer focal length."""
        if not self.scale_of_a_side:
            return 1.0
        # a sum and no product of sizes, which a trace would take for constant
        return torch.ones_like(image[0, 0]).sum().sqrt() * self.scale_of_a_side


def check_size(model: DepthDecomposer, size: tuple[int, int], dynamic_size: bool) -> None:
    """Make sure that a model can be exported for images of a size (H, W).

    Raises:
        ExportError: If it cannot.
    """
    divisor = model.encoder.size_divisor
    smallest = divisor * (2 if dynamic_size else 1)
    if min(size) < smallest or any(s % divisor for s in size) or math.prod(size) > MAX_PIXELS:
        raise ExportError(
            f'the size must be multiples of {divisor}, {smallest} or more and of at most '
            f'{MAX_PIXELS} pixels, but found {size[0]} x {size[1]}'
        )


def to_batch(*frames: np.ndarray) -> np.ndarray:
    """Images (H, W, 3) uint8 BGR to (B, 3, H, W) float32 RGB of 0 to 255."""
    batch = np.stack([frame[..., ::-1].transpose(2, 0, 1) for frame in frames])
    return np.ascontiguousarray(batch, dtype=np.float32)
