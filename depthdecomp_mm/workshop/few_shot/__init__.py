"""The few-shot curve: how much a few metric frames of a camera are worth, with and without others."""

from .cameras import CAMERAS, Camera
from .lists import write_lists

__all__ = ['CAMERAS', 'Camera', 'write_lists']
