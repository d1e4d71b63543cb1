"""Plans of runs over configs and seeds, their tables and plots."""

from .jobs import RunError, Slots, run_all
from .plan import METRICS, Plan, PlanError, Run, load_plan
from .results import collect, finished_runs, write_results
from .tables import markdown

__all__ = [
    'METRICS',
    'Plan',
    'PlanError',
    'Run',
    'RunError',
    'Slots',
    'collect',
    'finished_runs',
    'load_plan',
    'markdown',
    'run_all',
    'write_results',
]
