"""Relative labels for images without any, from a network that estimates depth."""

from .labelling import Labels, label_images
from .meaning import Meaning
from .teachers import Teacher, open_teacher
from .trust import Trust

__all__ = ['Labels', 'Meaning', 'Teacher', 'Trust', 'label_images', 'open_teacher']
