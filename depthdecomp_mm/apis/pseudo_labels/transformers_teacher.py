"""Depth models of ``transformers`` as teachers."""

from __future__ import annotations

import inspect
from hashlib import blake2b

import numpy as np
import torch
from PIL import Image
from torch import nn

from depthdecomp_mm.errors import UserError

from .known import licence_of, meaning_of


class TransformersTeacher:
    """A depth model with its own pre- and post-processing.

    Args:
        name: Folder with model and image processor, or its name on the Hugging Face Hub.
        device: Device of the model.

    Raises:
        UserError: If ``transformers`` is missing, or cannot load it.
    """

    def __init__(self, name: str, device: str = 'cpu') -> None:
        try:
            from transformers import AutoImageProcessor, AutoModelForDepthEstimation
        except ImportError as error:
            raise UserError(
                f'{name}: taken for a model of transformers, which is missing: '
                'pip install depthdecomp_mm[teachers]'
            ) from error
        try:
            self._processor = AutoImageProcessor.from_pretrained(name)
            model = AutoModelForDepthEstimation.from_pretrained(name)
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise UserError(
                f'{name}: no checkpoint (.pth), no ONNX file, and transformers cannot load it as a '
                f'depth model: {str(error).strip().splitlines()[0]}'
            ) from error
        self.name, self.licence = name, licence_of(name)
        self.meaning = meaning_of(model.config.to_dict())
        self.identity = _digest(model)
        self._model = model.to(device).eval()
        self._device = device

    @torch.no_grad()
    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Predict (H, W) numbers for an image (H, W, 3) uint8 BGR."""
        rgb = Image.fromarray(np.ascontiguousarray(image[..., ::-1]))
        inputs = self._processor(images=rgb, return_tensors='pt').to(self._device)
        outputs = self._model(**inputs)
        process = self._processor.post_process_depth_estimation
        sizes = {'target_sizes': [image.shape[:2]]}
        if 'source_sizes' in inspect.signature(process).parameters:  # to take padding off
            sizes['source_sizes'] = sizes['target_sizes']
        return process(outputs, **sizes)[0]['predicted_depth'].float().cpu().numpy()


def _digest(model: nn.Module) -> str:
    digest = blake2b(digest_size=16)
    for name, tensor in model.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.contiguous().view(torch.uint8).numpy() if tensor.dim() else b'')
    return digest.hexdigest()
