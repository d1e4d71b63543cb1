"""Which map of a sample is judged, and what it means."""

from __future__ import annotations

from depthdecomp_mm.errors import SampleError

from .protocol import ValidPixels

PRED_KEYS = ('pred_depth_map', 'pred_normalized_map')


def check_pred_key(key: str) -> str:
    """The key of a map that metrics judge.

    Raises:
        ValueError: When it is another one.
    """
    if key not in PRED_KEYS:
        raise ValueError(
            f"pred_key must be 'pred_depth_map' or 'pred_normalized_map', but got {key!r}"
        )
    return key


def is_inverse(pixels: ValidPixels, pred_key: str) -> bool:
    """Whether the judged map is larger where the scene is nearer.

    Raises:
        SampleError: When the sample's ``representation`` is unknown.
    """
    if pred_key == 'pred_depth_map':
        return False
    representation = pixels.sample.get('representation', 'inverse')
    if representation not in ('inverse', 'depth'):
        raise SampleError(
            f"{pixels.name}: expected representation 'inverse' or 'depth', but found "
            f'{representation!r}'
        )
    return representation == 'inverse'
