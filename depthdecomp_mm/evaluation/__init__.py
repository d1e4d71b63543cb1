"""The paper's metrics and how they are taken."""

from .aligned import AlignedMetric, align_metrics
from .base import DepthMapMetric, check_names
from .depth_metric import DepthMetric
from .kendall_tau import KendallTau
from .whdr import WHDR

__all__ = [
    'AlignedMetric',
    'DepthMapMetric',
    'DepthMetric',
    'KendallTau',
    'WHDR',
    'align_metrics',
    'check_names',
]
