"""What the ground truth of a sample is: depth in metres, relative disparity, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from mmengine.structures import BaseDataElement

from depthdecomp_mm.errors import SampleError

from .fields import sample_name

LABEL_TYPES = ('metric', 'relative', 'none')


def label_type_of(sample: Mapping | BaseDataElement) -> str:
    """The type of a sample's ground truth, of :data:`LABEL_TYPES`.

    Args:
        sample: A sample, as :class:`DepthDataSample` documents it, or what is known of one as dict.
            Without a ``label_type`` it is metric.

    Raises:
        SampleError: If its ``label_type`` is another one.
    """
    label_type = sample.get('label_type', 'metric')
    if label_type not in LABEL_TYPES:
        raise SampleError(
            f"{sample_name(sample)}: expected label_type 'metric', 'relative' or 'none', but found "
            f'{label_type!r}'
        )
    return label_type


def is_relative(sample: Mapping | BaseDataElement) -> bool:
    """Whether the ground truth is disparity without a unit, rather than depth in metres.

    Args:
        sample: As of :func:`label_type_of`.

    Raises:
        SampleError: As :func:`label_type_of` does.

    Examples:
        >>> is_relative(dict(label_type='relative')), is_relative(dict())
        (True, False)
    """
    return label_type_of(sample) == 'relative'


def is_unlabelled(sample: Mapping | BaseDataElement) -> bool:
    """Whether there is no ground truth, so that only a teacher can tell what to learn.

    Args:
        sample: As of :func:`label_type_of`.

    Raises:
        SampleError: As :func:`label_type_of` does.
    """
    return label_type_of(sample) == 'none'
