"""The paper's metrics and how they are taken."""

from .aligned import AlignedMetric
from .base import DepthMapMetric, check_names
from .boundary_metrics import BoundaryF1, DepthBoundaryError
from .depth_metric import DepthMetric, align_metrics
from .kendall_tau import KendallTau
from .space_metrics import PlanarityError, PointCloudMetric
from .whdr import WHDR

__all__ = [
    'AlignedMetric',
    'BoundaryF1',
    'DepthBoundaryError',
    'DepthMapMetric',
    'DepthMetric',
    'KendallTau',
    'PlanarityError',
    'PointCloudMetric',
    'WHDR',
    'align_metrics',
    'check_names',
]
