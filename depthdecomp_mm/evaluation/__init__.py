"""The paper's metrics and how they are taken."""

from .base import DepthMapMetric, check_names
from .depth_metric import DepthMetric
from .kendall_tau import KendallTau
from .whdr import WHDR

__all__ = ['DepthMapMetric', 'DepthMetric', 'KendallTau', 'WHDR', 'check_names']
