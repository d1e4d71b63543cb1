"""From the outputs of a batch to the predictions of its images."""

from __future__ import annotations

from collections.abc import Callable

import torch
from mmengine.structures import PixelData
from torch import Tensor

from depthdecomp_mm.structures import DepthDataSample

from .layers import resize
from .network import OUTPUTS


def read_test_cfg(test_cfg: dict | None) -> dict:
    """Fill the settings of prediction up with their defaults.

    Raises:
        ValueError: If a key or an output is unknown.
    """
    config = dict(flip_test=False, outputs=())
    unknown = set(test_cfg or {}) - set(config)
    if unknown:
        raise ValueError(f'test_cfg has unknown keys {sorted(unknown)}; known: {list(config)}')
    config.update(test_cfg or {})
    unknown = set(config['outputs']) - set(OUTPUTS)
    if unknown:
        raise ValueError(f'test_cfg.outputs must be of {OUTPUTS}, but found {sorted(unknown)}')
    return config


def flip_averaged(
    predict: Callable[[Tensor, set[str]], dict[str, Tensor]], inputs: Tensor, wanted: set[str]
) -> dict[str, Tensor]:
    """Means of the outputs and those of mirrored images; gradients are of the images alone.

    Args:
        predict: Gives the outputs of images by name.
        inputs: (B, 3, H, W), normalised images.
        wanted: Names of the outputs.
    """
    mirrored = inputs.flip(-1)
    if _better_in_one_batch(inputs):
        both = predict(torch.cat((inputs, mirrored)), wanted)
        maps, others = ({k: v.chunk(2)[i] for k, v in both.items()} for i in range(2))
    else:
        maps = predict(inputs, wanted)
        others = predict(mirrored, wanted - {'gradients'})
    for name in others.keys() - {'gradients'}:
        maps[name] = (maps[name] + others[name].flip(-1)) / 2
    return maps


def store_prediction(
    sample: DepthDataSample, maps: dict[str, Tensor], batch_shape: tuple[int, int]
) -> None:
    """Crop an image's maps to its own part of a padded batch, resize and store them.

    Args:
        sample: Gets them; with ``ori_shape``, ``img_shape`` and ``img_padding_size`` where they
            are known.
        maps: The outputs of this image by name, without their batch axis; ``metric`` in metres.
        batch_shape: (H, W) of the batch's images.
    """
    rows, columns = image_window(sample, batch_shape)
    ori_shape = sample.metainfo.get('ori_shape')
    ori_shape = ori_shape or (rows.stop - rows.start, columns.stop - columns.start)

    def crop(x: Tensor) -> Tensor:
        # from the network 2, also of odd heights, from an exported file 1
        step = -(-batch_shape[0] // x.shape[-2])
        return x[(None, slice(None), *image_window(sample, batch_shape, step))]

    if 'metric' in maps:
        sample.pred_depth_map = PixelData(data=resize(crop(maps['metric']), ori_shape[:2])[0])
    if 'normalized' in maps:
        data = resize(crop(maps['normalized']), ori_shape[:2])[0]
        sample.pred_normalized_map = PixelData(data=data)
    if 'gradients' in maps:
        sample.pred_gradient_maps = PixelData(data=crop(maps['gradients'])[0])
    if 'mean' in maps:
        sample.set_metainfo(dict(pred_mean=maps['mean'].item()))


def image_window(
    sample: DepthDataSample, batch_shape: tuple[int, int], step: int = 1
) -> tuple[slice, slice]:
    """Rows and columns that an image has in a padded batch, or in its maps.

    The padding itself, where a preprocessor notes it, is to be trusted more than ``img_shape``,
    which transforms of other toolboxes may have left at an earlier size.

    Args:
        sample: The image's.
        batch_shape: (H, W) of the batch's images.
        step: Pixels of the image for each one of the map.
    """
    if 'img_padding_size' in sample.metainfo:
        left, right, top, bottom = sample.metainfo['img_padding_size']
        ends = (top, batch_shape[0] - bottom), (left, batch_shape[1] - right)
    else:
        ends = ((0, size) for size in sample.metainfo.get('img_shape', batch_shape)[:2])
    rows, columns = (slice(start // step, -(-stop // step)) for start, stop in ends)
    return rows, columns


def _better_in_one_batch(inputs: Tensor) -> bool:
    """A CPU has its hands full with one image, and larger activations leave its caches."""
    return inputs.is_cuda
