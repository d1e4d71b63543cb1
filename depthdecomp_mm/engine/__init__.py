from .hooks import DepthVisualizationHook
from .phased_runner import DepthRunner, PhasedRunner

__all__ = ['DepthRunner', 'DepthVisualizationHook', 'PhasedRunner']
