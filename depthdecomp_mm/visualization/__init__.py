"""Pictures of depth maps."""

from .colormap import NEAR_IS_LARGE, NEAR_IS_SMALL, colorize, common_range, value_range
from .panel import ColorBar, Tile, draw_panel
from .visualizer import DepthVisualizer

__all__ = [
    'NEAR_IS_LARGE',
    'NEAR_IS_SMALL',
    'ColorBar',
    'DepthVisualizer',
    'Tile',
    'colorize',
    'common_range',
    'draw_panel',
    'value_range',
]
