"""What the ground truth of a sample is: depth in metres, or relative disparity."""

from __future__ import annotations

from collections.abc import Mapping

from mmengine.structures import BaseDataElement

from depthdecomp_mm.errors import SampleError

from .fields import sample_name

LABEL_TYPES = ('metric', 'relative')


def is_relative(sample: Mapping | BaseDataElement) -> bool:
    """Whether the ground truth is disparity without a unit, rather than depth in metres.

    Args:
        sample: A sample, as :class:`DepthDataSample` documents it, or what is known of one as dict.
            Without a ``label_type`` it is metric.

    Raises:
        SampleError: If its ``label_type`` is another one.

    Examples:
        >>> is_relative(dict(label_type='relative')), is_relative(dict())
        (True, False)
    """
    label_type = sample.get('label_type', 'metric')
    if label_type not in LABEL_TYPES:
        raise SampleError(
            f"{sample_name(sample)}: expected label_type 'metric' or 'relative', but found "
            f'{label_type!r}'
        )
    return label_type == 'relative'
