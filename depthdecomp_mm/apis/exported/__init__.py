"""Exported files: what runs them, what they say of themselves, and how they are made smaller."""

from .about import About, about_model
from .files import exported_file, load_exported
from .model import ExportedModel

__all__ = ['About', 'ExportedModel', 'about_model', 'exported_file', 'load_exported']
