"""Prediction: models from checkpoints, images, videos and point clouds."""

from depthdecomp_mm.errors import CheckpointError, OutputError

from .alignment import Alignment, align_to_metric
from .frames import Video, is_video
from .hub import push_to_hub
from .inferencer import DepthInferencer
from .init_model import find_config, init_model
from .inputs import each_image, expand_pattern, list_inputs
from .intrinsics import CAMERAS, Intrinsics
from .model_card import model_card
from .point_cloud import unproject, write_point_cloud
from .point_cloud_view import view_point_cloud
from .publishing import publish
from .result import as_result
from .video import SteadyRange, predict_video
from .writer import FORMATS, METRIC_FORMATS, PredictionWriter, output_names

__all__ = [
    'CAMERAS',
    'FORMATS',
    'METRIC_FORMATS',
    'Alignment',
    'CheckpointError',
    'DepthInferencer',
    'Intrinsics',
    'OutputError',
    'PredictionWriter',
    'SteadyRange',
    'Video',
    'align_to_metric',
    'as_result',
    'each_image',
    'find_config',
    'init_model',
    'expand_pattern',
    'is_video',
    'list_inputs',
    'model_card',
    'output_names',
    'predict_video',
    'publish',
    'push_to_hub',
    'unproject',
    'view_point_cloud',
    'write_point_cloud',
]
