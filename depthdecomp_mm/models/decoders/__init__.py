"""G-Net, N-Net, M-Net and the MDR block."""

from .depth_decoder import DepthDecoder
from .mdr_block import MDRBlock

__all__ = ['DepthDecoder', 'MDRBlock']
