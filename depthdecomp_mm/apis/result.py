"""A prediction as a dict of arrays."""

from __future__ import annotations

import math

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.structures import DepthDataSample

FIELDS = {
    'depth': 'pred_depth_map',
    'normalized': 'pred_normalized_map',
    'gradients': 'pred_gradient_maps',
}


def as_result(sample: DepthDataSample) -> dict:
    """Turn a prediction into a dict of arrays.

    Args:
        sample: As the model predicted it.

    Returns:
        What was predicted of

        - ``depth``: (H, W) float32 metres, at the image's own size; absent for a model without
          M-Net
        - ``normalized``: (H, W) float32 z-scores (Eq. 1), unitless, at the image's own size
        - ``gradients``: (2, h, w) float32, horizontal and vertical differences of the normalized
          map to the next pixel (Eq. 4), unitless, at the network's resolution
        - ``mean``: float, the mean of the depth map that the MDR block regressed, in the model's
          representation

        and always

        - ``unit``: ``'metre'``, or ``'unitless'`` without ``depth``
        - ``representation``: ``'inverse'``: the normalized map grows towards the camera, and
          ``mean`` is of ``1 / (depth + 1)``; ``'depth'``: it grows with distance, and ``mean`` is
          in metres
        - ``img_path``: str, or None for an array
    """
    result = {}
    for name, field in FIELDS.items():
        if field in sample:
            array = sample.get(field).data.cpu().numpy()
            result[name] = array if name == 'gradients' else array[0]
    if 'pred_mean' in sample.metainfo:
        result['mean'] = sample.metainfo['pred_mean']
    result['unit'] = 'metre' if 'depth' in result else 'unitless'
    result['representation'] = sample.metainfo['representation']
    result['img_path'] = sample.metainfo.get('img_path')
    return result


def check_finite(sample: DepthDataSample) -> None:
    """Make sure that a prediction is one.

    Raises:
        SampleError: If it holds NaN or infinity.
    """
    maps = (sample.get(field).data for field in FIELDS.values() if field in sample)
    finite = math.isfinite(sample.metainfo.get('pred_mean', 0))
    if not finite or not all(values.isfinite().all() for values in maps):
        raise SampleError(
            f'{sample.metainfo.get("img_path") or "an image"}: the prediction is not finite: are '
            'the weights damaged, or is mixed precision too coarse for them?'
        )
