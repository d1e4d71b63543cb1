"""Depth as a camera of one focal length would see it, so that several can train one network.

A camera of twice the focal length sees a thing as large from twice the distance. So metres alone
contradict each other where several cameras teach one network. With a canonical focal length the
network learns ``depth * canonical_focal / focal`` (the label transform of Metric3D), and its
predictions are brought back by the focal length of their own camera.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from mmengine.structures import BaseDataElement
from torch import Tensor

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.structures import label_type_of, sample_name


def camera_scales(
    samples: Sequence[BaseDataElement], canonical_focal: float | None, device: torch.device | str
) -> Tensor:
    """True metres for each canonical one, (B, 1, 1, 1).

    Args:
        samples: Their meta information holds ``focal``, pixels of the image as the network gets it.
        canonical_focal: Pixels; without one all cameras count alike.
        device: Where the result goes.

    Returns:
        1 for samples without metric labels and without ``canonical_focal``.

    Raises:
        SampleError: If a metric sample has no focal length.
    """
    scales = [_scale(sample, canonical_focal) for sample in samples]
    # filled on the device: a tensor made of a list would be copied there while the host waits
    return torch.stack([torch.full((1, 1, 1), scale, device=device) for scale in scales])


def _scale(sample: BaseDataElement, canonical_focal: float | None) -> float:
    if canonical_focal is None or label_type_of(sample) != 'metric':
        return 1.0
    focal = sample.get('focal')
    if not (focal and focal > 0):
        raise SampleError(
            f'{sample_name(sample)}: expected a focal length, as the network has a '
            f'canonical_focal, but found {focal}: the list gives it, or focal= of the data set'
        )
    return focal / canonical_focal
