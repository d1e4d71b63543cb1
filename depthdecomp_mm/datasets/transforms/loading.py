"""Loading of images and depth maps."""

from __future__ import annotations

import mmcv
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms import LoadImageFromFile as _LoadImageFromFile

from depthdecomp_mm.datasets.storage import place_of
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.registry import TRANSFORMS
from depthdecomp_mm.structures import (
    Crop,
    check_crop,
    crop_window,
    is_relative,
    is_unlabelled,
    valid_pixels,
)

from .decoding import check_complete, check_size, read_bytes, read_map
from .dense_map import DenseMapFitter


@TRANSFORMS.register_module()
class LoadImageFromFile(_LoadImageFromFile):
    """Load an image as stored, (H, W, 3) uint8 BGR, with errors that name the file.

    Grey images get three channels, an alpha channel is dropped, 16 bits are reduced to 8. An
    orientation tag (EXIF) is ignored, since the depth map is in the orientation of the sensor.

    Required Keys:

    - img_path
    - backend_args (optional): of the file, unless the transform has its own

    Added Keys:

    - img
    - img_shape
    - ori_shape

    Args:
        color_type: As in mmcv; the default ignores the orientation tag.
        **kwargs: Arguments of :class:`mmcv.transforms.LoadImageFromFile`.
    """

    def __init__(self, color_type: str = 'color_ignore_orientation', **kwargs) -> None:
        super().__init__(color_type=color_type, **kwargs)

    def transform(self, results: dict) -> dict | None:
        """Load the image.

        Raises:
            SampleError: If the file is missing, truncated or not an image, unless
                ``ignore_empty`` is set; then it returns None.
        """
        try:
            img = self._load(results['img_path'], self.backend_args or results.get('backend_args'))
        except SampleError:
            if self.ignore_empty:
                return None
            raise
        results['img'] = img.astype(np.float32) if self.to_float32 else img
        results['img_shape'] = results['ori_shape'] = img.shape[:2]
        return results

    def _load(self, path: str, backend_args: dict | None) -> np.ndarray:
        content, path = read_bytes(path, backend_args), place_of(path, backend_args)
        check_complete(content, path)
        check_size(content, path)
        try:
            img = mmcv.imfrombytes(content, flag=self.color_type, backend=self.imdecode_backend)
        except Exception as error:  # each backend has its own
            raise SampleError(f'{path}: cannot be decoded: {error}') from error
        if img is None:
            raise SampleError(f'{path}: cannot be decoded as an image')
        if img.dtype != np.uint8:
            raise SampleError(f'{path}: found an image of {img.dtype}, expected 8 or 16 bits')
        return img


@TRANSFORMS.register_module()
class LoadDepthAnnotation(BaseTransform):
    """Load a depth or disparity map and find its valid pixels.

    A pixel is valid where the value is finite and positive, the mask file (if any) is above zero
    and a metric depth lies within ``min_depth`` and ``max_depth``. A relative label with a mask
    file is valid where the mask says so and the value is finite, since a disparity may be zero. In
    a sample without labels no pixel is.

    A sample that has a relative map beside its depth gets a dense map in metres from it, see
    :class:`~depthdecomp_mm.datasets.transforms.dense_map.DenseMapFitter`.

    Required Keys:

    - depth_map_path (unless there are no labels)
    - depth_scale (metric labels only)
    - depth_encoding (optional)
    - label_type (optional)
    - min_depth (optional)
    - max_depth (optional)
    - valid_mask_path (optional)
    - relative_map_path (optional), with relative_mask_path and relative_encoding
    - ori_shape (optional)
    - backend_args (optional): of the files, unless the transform has its own

    Added Keys:

    - gt_depth_map: (H, W) float32; metres, or unitless disparity; 0 where invalid
    - gt_valid_mask: (H, W) bool
    - gt_dense_map (where the relative map fits): (H, W) float32, metres; 0 where not known
    - fit_problem (where it does not): why, str

    Args:
        backend_args: Arguments of MMEngine's file backend.
        valid_window: A :data:`~depthdecomp_mm.structures.crop.Crop`: what lies outside is invalid.
            For training with filled depth maps, whose border is extrapolated; the image stays
            whole.
    """

    def __init__(
        self,
        backend_args: dict | None = None,
        valid_window: Crop = None,
    ) -> None:
        self.backend_args = backend_args
        self.valid_window = valid_window or None
        check_crop(self.valid_window)
        self.fitter = DenseMapFitter()

    def transform(self, results: dict) -> dict:
        """Load the depth map and the mask.

        Raises:
            SampleError: If a file is missing or damaged, holds something other than one channel of
                numbers, or differs in size from the image or the depth map, or ``valid_window``
                does not fit.
        """
        if is_unlabelled(results):
            results['gt_depth_map'] = np.zeros(results['ori_shape'], np.float32)
            results['gt_valid_mask'] = np.zeros(results['ori_shape'], bool)
            return results
        backend_args = self.backend_args or results.get('backend_args')
        path, mask_path = results['depth_map_path'], results.get('valid_mask_path')
        stored = read_map(path, backend_args, results.get('ori_shape'), 'the image')
        depth = to_depth(stored, results)
        mask = None
        if mask_path is not None:
            mask = read_map(mask_path, backend_args, depth.shape, 'the depth map') > 0
        valid = valid_pixels(depth, mask)
        if not is_relative(results):
            valid &= depth > 0
        if results.get('min_depth') is not None:
            valid &= depth >= results['min_depth']
        if results.get('max_depth') is not None:
            valid &= depth <= results['max_depth']
        if self.valid_window:
            inside = np.zeros_like(valid)
            inside[crop_window(self.valid_window, depth.shape, path)] = True
            valid &= inside
        np.copyto(depth, 0, where=~valid)
        results['gt_depth_map'] = depth
        results['gt_valid_mask'] = valid
        if results.get('relative_map_path') is not None:
            self.fitter.add_dense_map(results, backend_args)
        return results

    def __repr__(self) -> str:
        name, window = type(self).__name__, self.valid_window
        return f'{name}(backend_args={self.backend_args}, valid_window={window})'


def to_depth(stored: np.ndarray, info: dict) -> np.ndarray:
    """Convert stored values to metres, or to disparity where the label is relative.

    Args:
        stored: (H, W), any numeric type.
        info: The sample's ``depth_map_path``, ``label_type``, ``depth_encoding``, ``depth_scale``.

    Returns:
        (H, W) float32, metres or unitless disparity, not yet checked for validity.

    Raises:
        SampleError: If the values' type does not fit the label or the encoding.
    """
    path = info['depth_map_path']
    if info.get('depth_encoding', 'linear') == 'sunrgbd':
        if stored.dtype != np.uint16:
            raise SampleError(f'{path}: found {stored.dtype}, expected uint16 (SUN RGB-D)')
        stored = (stored >> 3) | (stored << 13)
    if is_relative(info):
        scale = 1
    elif stored.dtype.itemsize == 1:
        raise SampleError(f'{path}: found 8-bit depth, expected at least 16 bits for metric depth')
    else:
        scale = info['depth_scale']
    if not scale > 0:
        raise SampleError(f'{path}: found depth_scale {scale}, expected stored units per metre')
    # beyond float32 becomes infinite, hence invalid, as NaN is
    with np.errstate(over='ignore', invalid='ignore'):
        return np.divide(stored, scale, dtype=np.float32, casting='same_kind')
