"""The few-shot curve: what a few metric frames of a camera are worth, and others beside them."""

from .cameras import CAMERAS, OTHERS, Camera
from .labels import label_frames
from .lists import write_lists
from .measuring import measure
from .reporting import draw, markdown

__all__ = [
    'CAMERAS',
    'OTHERS',
    'Camera',
    'draw',
    'label_frames',
    'markdown',
    'measure',
    'write_lists',
]
