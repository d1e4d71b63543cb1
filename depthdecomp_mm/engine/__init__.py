"""Training: runners in phases, checks before they start, checkpoints."""

from depthdecomp_mm.errors import CheckpointError, ConfigError

from .amp import AmpOptimWrapper
from .hooks import (
    BadSampleHook,
    DecoderStartHook,
    DepthVisualizationHook,
    FirstBatchHook,
    FlatMapHook,
    LossLogHook,
    NonFiniteLossHook,
)
from .layer_decay import LayerDecayOptimWrapperConstructor
from .phased_runner import PhasedRunner
from .runner import DepthRunner
from .train_loop import DepthIterTrainLoop, DepthTrainLoop

__all__ = [
    'AmpOptimWrapper',
    'BadSampleHook',
    'CheckpointError',
    'ConfigError',
    'DecoderStartHook',
    'DepthIterTrainLoop',
    'DepthRunner',
    'DepthTrainLoop',
    'DepthVisualizationHook',
    'FirstBatchHook',
    'FlatMapHook',
    'LayerDecayOptimWrapperConstructor',
    'LossLogHook',
    'NonFiniteLossHook',
    'PhasedRunner',
]
