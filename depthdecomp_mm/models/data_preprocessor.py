"""Normalisation and batching of images and ground truth."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import ImgDataPreprocessor
from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor

from depthdecomp_mm.mmengine_internals import swaps_channels
from depthdecomp_mm.registry import MODELS

from .transfer import copy_together

GROUND_TRUTH = ('gt_depth_map', 'gt_valid_mask', 'gt_dense_map')
Size = tuple[int, int]


@MODELS.register_module()
class DepthDataPreprocessor(ImgDataPreprocessor):
    """Normalise and stack images, and pad the ground truth with them, on the model's device.

    Images (3, H, W) uint8 of different sizes are padded at the right and bottom; while training,
    the samples' ``gt_depth_map``, ``gt_valid_mask`` and ``gt_dense_map`` are padded alike with 0
    (invalid), so that a batch is of one size. Images and ground truth reach a GPU in one copy that
    nothing waits for. Arguments are those of MMEngine's ``ImgDataPreprocessor``; ``mean`` and
    ``std`` default to ImageNet's in RGB order, for images that were read as BGR.
    """

    def __init__(
        self,
        mean: tuple = (123.675, 116.28, 103.53),
        std: tuple = (58.395, 57.12, 57.375),
        bgr_to_rgb: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(mean=mean, std=std, bgr_to_rgb=bgr_to_rgb, **kwargs)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepare a batch.

        Args:
            data: ``inputs``, a list of (3, H, W) uint8 or a (B, 3, H, W) tensor, and
                ``data_samples``, a list of samples or None.
            training: Whether to bring the ground truth to the batch's size, too.

        Returns:
            ``inputs`` (B, 3, H, W) float32, normalised, and ``data_samples``, new ones.

        Raises:
            ValueError: If ground truth and image of a sample differ in size while training.
        """
        data = dict(data)
        images, samples = list(data.pop('inputs')), data.pop('data_samples', None)
        sizes = [tuple(image.shape[-2:]) for image in images]
        batch_size = self._batch_size(sizes)
        truths = [_ground_truth(sample) for sample in samples or ()]
        if training and samples is not None:
            for sample, truth, size in zip(samples, truths, sizes, strict=True):
                _check_sizes(sample, truth, size)
                truth.update({field: _pad(pixels, batch_size) for field, pixels in truth.items()})
        images = [_pad(image, batch_size) for image in images]
        tensors = [*images, *(pixels for truth in truths for pixels in truth.values())]
        moved = iter(copy_together(tensors, self.device))
        inputs = torch.stack([next(moved) for _ in images])
        if samples is not None:
            truths = [{field: next(moved) for field in truth} for truth in truths]
            samples = [self._moved(*pair) for pair in zip(samples, truths, strict=True)]
        inputs = self._normalized(inputs, sizes)
        return dict(self.cast_data(data), inputs=inputs, data_samples=samples)

    def _batch_size(self, sizes: Sequence[Size]) -> Size:
        divisor = self.pad_size_divisor
        return tuple(-(-max(sides) // divisor) * divisor for sides in zip(*sizes, strict=True))

    def _normalized(self, images: Tensor, sizes: Sequence[Size]) -> Tensor:
        if swaps_channels(self):
            images = images.flip(1)  # a list as index would be copied to the device
        images = images.float()
        if self._enable_normalize:
            images = (images - self.mean) / self.std
        for image, (height, width) in zip(images, sizes, strict=True):
            image[:, height:] = self.pad_value
            image[:, :, width:] = self.pad_value
        return images

    def _moved(self, sample: BaseDataElement, truth: dict[str, Tensor]) -> BaseDataElement:
        """A new sample with this ground truth, and all else that it holds on the device."""
        others = {k: self.cast_data(v) for k, v in sample.items() if k not in truth}
        return sample.new(**others, **{k: PixelData(data=v) for k, v in truth.items()})


def _ground_truth(sample: BaseDataElement) -> dict[str, Tensor]:
    return {field: sample.get(field).data for field in GROUND_TRUTH if field in sample}


def _check_sizes(sample: BaseDataElement, truth: dict[str, Tensor], size: Size) -> None:
    for field, pixels in truth.items():
        if tuple(pixels.shape[-2:]) != size:
            raise ValueError(
                f'{sample.metainfo.get("img_path")}: {field} is {tuple(pixels.shape[-2:])}, but '
                f'the image is {size}'
            )


def _pad(pixels: Tensor, size: Size) -> Tensor:
    height, width = pixels.shape[-2:]
    if (height, width) == size:
        return pixels
    return F.pad(pixels, (0, size[1] - width, 0, size[0] - height))
