"""Geometry, applied jointly to the image, the maps of its depth and the mask."""

from __future__ import annotations

import math

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms import RandomFlip as _RandomFlip
from mmcv.transforms import Resize as _Resize
from mmcv.transforms.utils import cache_randomness

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.registry import TRANSFORMS

FLIP_CODES = dict(horizontal=1, vertical=0, diagonal=-1)


MEASURED = ('gt_depth_map', 'gt_valid_mask')
MAPS = (*MEASURED, 'gt_dense_map')


def _update_maps(results: dict, function, keys: tuple[str, ...] = MAPS) -> None:
    """Apply a function of (H, W) arrays to the maps and the mask, where present."""
    for key in keys:
        if results.get(key) is None:
            continue
        array = results[key]
        if array.dtype == bool:  # which OpenCV does not know
            array = function(np.ascontiguousarray(array).view(np.uint8)).view(bool)
        else:
            array = function(array)
        results[key] = array


def _move_points(results: dict, size: tuple[int, int]) -> None:
    """Resize scattered measurements: none is lost, and of several in a pixel the nearest stays.

    Nearest neighbour would keep as few of them as of the pixels. Like that of the image, the sides
    of a pixel of the new (w, h) are those of an area of the old ones.
    """
    depth, valid = (results[key] for key in MEASURED)
    height, width = depth.shape
    rows, columns = np.nonzero(valid)
    order = np.argsort(-depth[rows, columns])
    rows, columns = rows[order], columns[order]
    place = (2 * rows + 1) * size[1] // (2 * height), (2 * columns + 1) * size[0] // (2 * width)
    moved = [np.zeros(size[::-1], array.dtype) for array in (depth, valid)]
    moved[0][place], moved[1][place] = depth[rows, columns], True
    results.update(zip(MEASURED, moved, strict=True))


@TRANSFORMS.register_module()
class Resize(_Resize):
    """Resize the image, and the maps and mask by nearest neighbour if they are loaded.

    Of a ``sparse`` sample every measurement is kept, the nearest where several fall together. Depth
    values stay as they are. A depth map that is loaded after this transform keeps its size, as
    evaluation at the original size needs.

    Required Keys:

    - img
    - gt_depth_map (optional)
    - gt_valid_mask (optional)
    - gt_dense_map (optional)
    - focal (optional): focal length, pixels

    Modified Keys:

    - img
    - img_shape
    - gt_depth_map
    - gt_valid_mask
    - gt_dense_map
    - focal

    Added Keys:

    - scale
    - scale_factor: (w, h)
    - keep_ratio

    Args:
        scale: Size as (w, h); the other arguments are those of :class:`mmcv.transforms.Resize`.
    """

    def _resize_img(self, results: dict) -> None:
        height, width = results['img'].shape[:2]
        super()._resize_img(results)
        if results.get('focal') is not None:
            new_height, new_width = results['img_shape'][:2]
            # squeezed pixels have two focal lengths
            results['focal'] *= math.sqrt(new_height / height * new_width / width)

    def _resize_seg(self, results: dict) -> None:
        super()._resize_seg(results)
        size = results['img_shape'][::-1]
        # The exact variant samples at pixel centres, as the image's bilinear does; OpenCV's plain
        # nearest neighbour would shift the depth by up to half a pixel against it.
        keys = MAPS
        if results.get('sparse') and results.get('gt_valid_mask') is not None:
            _move_points(results, size)
            keys = ('gt_dense_map',)
        _update_maps(
            results, lambda a: cv2.resize(a, size, interpolation=cv2.INTER_NEAREST_EXACT), keys
        )


@TRANSFORMS.register_module()
class RandomFlip(_RandomFlip):
    """Flip the image, the maps and the mask together.

    Required Keys:

    - img
    - gt_depth_map (optional)
    - gt_valid_mask (optional)
    - gt_dense_map (optional)

    Modified Keys:

    - img
    - gt_depth_map
    - gt_valid_mask
    - gt_dense_map

    Added Keys:

    - flip
    - flip_direction

    Args:
        prob: Probability; the other arguments are those of :class:`mmcv.transforms.RandomFlip`.
    """

    def _flip(self, results: dict) -> None:
        # cv2.flip copies: mmcv's reversed view would make every later step slower.
        code = FLIP_CODES[results['flip_direction']]
        results['img'] = cv2.flip(results['img'], code)
        _update_maps(results, lambda a: cv2.flip(a, code))


@TRANSFORMS.register_module()
class RandomCrop(BaseTransform):
    """Cut a window of fixed size at a random place.

    Required Keys:

    - img
    - gt_depth_map (optional)
    - gt_valid_mask (optional)
    - gt_dense_map (optional)

    Modified Keys:

    - img
    - img_shape
    - gt_depth_map
    - gt_valid_mask
    - gt_dense_map

    Args:
        crop_size: (h, w) in pixels.
    """

    def __init__(self, crop_size: tuple[int, int]) -> None:
        if len(crop_size) != 2 or min(crop_size) < 1:
            raise ValueError(f'crop_size is {crop_size}, expected (h, w) in pixels')
        self.crop_size = tuple(crop_size)

    @cache_randomness
    def _corner(self, height: int, width: int) -> tuple[int, int]:
        crop_h, crop_w = self.crop_size
        top = np.random.randint(height - crop_h + 1)
        return top, np.random.randint(width - crop_w + 1)

    def transform(self, results: dict) -> dict:
        """Crop.

        Raises:
            SampleError: If the image is smaller than the window.
        """
        height, width = results['img'].shape[:2]
        crop_h, crop_w = self.crop_size
        if height < crop_h or width < crop_w:
            raise SampleError(
                f'{results.get("img_path")}: found {height} x {width} (H x W), expected at least '
                f'the crop_size {crop_h} x {crop_w}'
            )
        top, left = self._corner(height, width)
        window = np.s_[top : top + crop_h, left : left + crop_w]
        results['img'] = results['img'][window]
        results['img_shape'] = self.crop_size
        _update_maps(results, lambda a: a[window])
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(crop_size={self.crop_size})'


@TRANSFORMS.register_module()
class RandomRotate(BaseTransform):
    """Rotate about the image's centre, keeping the size.

    The corners that come from outside are reflected in the image and invalid in the depth map.

    Required Keys:

    - img
    - gt_depth_map (optional)
    - gt_valid_mask (optional)
    - gt_dense_map (optional)

    Modified Keys:

    - img
    - gt_depth_map
    - gt_valid_mask
    - gt_dense_map

    Args:
        degree: The angle is uniform in [-degree, degree].
        prob: Probability.
    """

    def __init__(self, degree: float, prob: float = 0.5) -> None:
        if degree < 0 or not 0 <= prob <= 1:
            raise ValueError(f'found degree {degree} and prob {prob}, expected >= 0 and in [0, 1]')
        self.degree = degree
        self.prob = prob

    @cache_randomness
    def _angle(self) -> float | None:
        if np.random.rand() >= self.prob:
            return None
        return np.random.uniform(-self.degree, self.degree)

    def transform(self, results: dict) -> dict:
        """Rotate."""
        angle = self._angle()
        if angle is None:
            return results
        height, width = results['img'].shape[:2]
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
        size = (width, height)
        results['img'] = cv2.warpAffine(
            results['img'], matrix, size, borderMode=cv2.BORDER_REFLECT_101
        )
        _update_maps(results, lambda a: cv2.warpAffine(a, matrix, size, flags=cv2.INTER_NEAREST))
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(degree={self.degree}, prob={self.prob})'
