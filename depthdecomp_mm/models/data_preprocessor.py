"""Normalisation and batching of images and ground truth."""

from __future__ import annotations

import torch.nn.functional as F
from mmengine.model import ImgDataPreprocessor
from mmengine.structures import PixelData

from depthdecomp_mm.registry import MODELS

GROUND_TRUTH = ('gt_depth_map', 'gt_valid_mask')


@MODELS.register_module()
class DepthDataPreprocessor(ImgDataPreprocessor):
    """Normalise and stack images, and pad the ground truth with them, on the model's device.

    Images (3, H, W) uint8 of different sizes are padded at the right and bottom; while training,
    the samples' ``gt_depth_map`` and ``gt_valid_mask`` are padded alike with 0 (invalid), so that a
    batch is of one size. Arguments are those of MMEngine's ``ImgDataPreprocessor``; ``mean`` and
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
            ``inputs`` (B, 3, H, W) float32, normalised, and ``data_samples``.

        Raises:
            ValueError: If ground truth and image of a sample differ in size while training.
        """
        sizes = [tuple(image.shape[-2:]) for image in data['inputs']]
        data = super().forward(data, training)
        samples = data['data_samples']
        if training and samples is not None:
            for sample, size in zip(samples, sizes, strict=True):
                self._pad_ground_truth(sample, size, data['inputs'].shape[-2:])
        return data

    @staticmethod
    def _pad_ground_truth(sample, size: tuple[int, int], batch_size: tuple[int, int]) -> None:
        pad = (0, batch_size[1] - size[1], 0, batch_size[0] - size[0])
        for field in (f for f in GROUND_TRUTH if f in sample):
            pixels = sample.get(field)
            if tuple(pixels.shape) != size:
                raise ValueError(
                    f'{sample.metainfo.get("img_path")}: {field} is {tuple(pixels.shape)}, but the '
                    f'image is {size}'
                )
            if any(pad):
                sample.set_field(PixelData(data=F.pad(pixels.data, pad)), field)
