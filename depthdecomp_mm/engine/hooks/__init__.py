"""Hooks of the runners."""

from .bad_sample_hook import BadSampleHook
from .decoder_start_hook import DecoderStartHook
from .first_batch_hook import FirstBatchHook
from .flat_map_hook import FlatMapHook
from .loss_log_hook import LossLogHook
from .non_finite_loss_hook import NonFiniteLossHook
from .visualization_hook import DepthVisualizationHook

__all__ = [
    'BadSampleHook',
    'DecoderStartHook',
    'DepthVisualizationHook',
    'FirstBatchHook',
    'FlatMapHook',
    'LossLogHook',
    'NonFiniteLossHook',
]
