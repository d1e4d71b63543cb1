"""Necks between an encoder and the decoders."""

from .vit_pyramid import ViTPyramid

__all__ = ['ViTPyramid']
