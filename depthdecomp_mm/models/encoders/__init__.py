"""Encoders that give five features, finest first."""

from .timm_encoder import TimmEncoder
from .timm_vit_encoder import TimmViTEncoder
from .wrapped_encoder import WrappedEncoder

__all__ = ['TimmEncoder', 'TimmViTEncoder', 'WrappedEncoder']
