"""What is known of published teachers: what they predict, and under which licence."""

from __future__ import annotations

import re

from .meaning import Meaning

DISPARITY, METRES = Meaning('disparity'), Meaning('depth', 'metre')

LICENCES = (
    (r'depth-anything-v2-small', 'Apache-2.0'),
    (r'depth-anything-v2-(base|large|giant)', 'CC-BY-NC-4.0, not for commercial use'),
    (r'intel/dpt-large', 'Apache-2.0'),
    (r'intel/zoedepth', 'MIT'),
    (r'apple/depthpro', "apple-amlr, Apple's licence for research with its models"),
    (r'vinvino02/glpn', 'Apache-2.0'),
)
"""Patterns of names, and the licence that the model's page stated when this was written."""

UNKNOWN_LICENCE = 'see its model card'


def licence_of(name: str) -> str:
    """Licence of a published model, by its name.

    Examples:
        >>> licence_of('depth-anything/Depth-Anything-V2-Small-hf')
        'Apache-2.0'
        >>> licence_of('/models/somebody-elses')
        'see its model card'
    """
    found = (text for pattern, text in LICENCES if re.search(pattern, name.lower()))
    return next(found, UNKNOWN_LICENCE)


def meaning_of(config: dict) -> Meaning | None:
    """What a depth model of ``transformers`` predicts, after its own post-processing.

    Args:
        config: The model's config as a dict.

    Returns:
        The meaning; None for a family, or a variant of one, that is not known.
    """
    family = config.get('model_type')
    if family == 'depth_anything':  # V1 and V2
        kinds = {'relative': DISPARITY, 'metric': METRES}
        return kinds.get(config.get('depth_estimation_type'))
    if family == 'dpt':  # MiDaS 3 and 3.1; others, on DINOv2, were trained for something else
        backbone = config.get('backbone_config') or {}
        return None if backbone.get('model_type') == 'dinov2' else DISPARITY
    return METRES if family in ('zoedepth', 'depth_pro', 'glpn') else None
