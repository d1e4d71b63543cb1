"""The sample that data sets, models, evaluators and visualisers exchange."""

from __future__ import annotations

from mmengine.structures import BaseDataElement, PixelData
from torch import Tensor


class DepthDataSample(BaseDataElement):
    """One image's ground truth and prediction.

    Fields (each a :class:`mmengine.structures.PixelData`):

    - ``gt_depth_map``: (1, H, W) float32; metres where ``label_type`` is ``'metric'``, unitless
      disparity (larger = nearer) where it is ``'relative'``; 0 where not measured, and
      everywhere where it is ``'none'``.
    - ``gt_valid_mask``: (1, H, W) bool. May be absent (samples of other toolboxes); then a pixel is
      valid where ``gt_depth_map`` is finite and positive.
    - ``gt_dense_map``: (1, H, W) float32, metres; 0 where not known. May be absent. Where it is
      there, G, N and the mean are learnt from it, and M from ``gt_depth_map``.
    - ``gt_edge_mask``: (1, H, W) bool, edges of the true depth. May be absent.
    - ``gt_plane_mask``: (1, H, W) int32; 1, 2 and so on for each plane of the scene, 0 elsewhere.
      May be absent.
    - ``pred_depth_map``: (1, H, W) float32, metres, at the size of the original image.
    - ``pred_normalized_map``: (1, H, W) float32, unitless z-scores (Eq. 1); larger = nearer when
      the meta information's ``representation`` is ``'inverse'``, larger = farther when ``'depth'``.
    - ``pred_gradient_maps``: (2, H, W) float32, horizontal and vertical differences of the
      normalized map at network resolution (Eq. 4).

    Meta information: ``img_path``, ``depth_map_path``, ``label_type`` (``'metric'`` when absent),
    ``sparse`` (depth is known at scattered points only, bool; False when absent),
    ``depth_unit`` (``'metre'`` or ``'unitless'``), ``ori_shape`` and ``img_shape`` as (H, W),
    ``sample_idx``, ``flip``, ``representation``, ``focal`` (focal length in pixels of the image as
    it is packed, where known), and for predictions ``pred_mean``: the mean of the metric map in the
    model's representation as the MDR block regressed it, float.
    """

    gt_depth_map: PixelData
    gt_valid_mask: PixelData
    gt_dense_map: PixelData
    gt_edge_mask: PixelData
    gt_plane_mask: PixelData
    pred_depth_map: PixelData
    pred_normalized_map: PixelData
    pred_gradient_maps: PixelData

    def pin_memory(self) -> DepthDataSample:
        """A copy with its tensors in pinned memory, which data loaders ask for."""
        return _pinned(self)


def _pinned(value):
    if isinstance(value, BaseDataElement):
        return value.new(**{name: _pinned(part) for name, part in value.items()})
    return value.pin_memory() if isinstance(value, Tensor) else value
