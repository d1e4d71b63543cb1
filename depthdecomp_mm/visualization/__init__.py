"""Pictures of depth maps."""

from .colormap import colorize, value_range
from .panel import ColorBar, Tile, draw_panel
from .visualizer import DepthVisualizer

__all__ = ['ColorBar', 'DepthVisualizer', 'Tile', 'colorize', 'draw_panel', 'value_range']
