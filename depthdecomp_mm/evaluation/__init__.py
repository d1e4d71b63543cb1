from .base import DepthMapMetric, check_names, metric_configs
from .depth_metric import DepthMetric
from .kendall_tau import KendallTau
from .whdr import WHDR

__all__ = ['DepthMapMetric', 'DepthMetric', 'KendallTau', 'WHDR', 'check_names', 'metric_configs']
