"""Furnished rooms rendered by ray casting: a small embedded stand-in for the real data sets."""

from .generate import make_rooms
from .writers import SettingsError

__all__ = ['SettingsError', 'make_rooms']
