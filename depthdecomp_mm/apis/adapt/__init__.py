"""A network for one camera, from a handful of its frames: config, training, calibration, report."""

from .config import AdaptConfig, config_text
from .evaluation import evaluate
from .labels import NOTHING, Labelled, label_unlabelled
from .report import AdaptReport, report_text
from .schedule import Steps, steps_for
from .training import fitted_scale, train

__all__ = [
    'NOTHING',
    'AdaptConfig',
    'AdaptReport',
    'Labelled',
    'Steps',
    'config_text',
    'evaluate',
    'fitted_scale',
    'label_unlabelled',
    'report_text',
    'steps_for',
    'train',
]
