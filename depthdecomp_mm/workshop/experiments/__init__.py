"""Plans of runs over configs and seeds, their tables and plots."""

from .claims import claims_table, with_images
from .jobs import RunError, Slots, run_all
from .plan import METRICS, Plan, PlanError, Run, load_plan
from .results import collect, finished_runs, of_these_configs, write_results
from .tables import markdown

__all__ = [
    'METRICS',
    'Plan',
    'PlanError',
    'Run',
    'RunError',
    'Slots',
    'claims_table',
    'collect',
    'finished_runs',
    'load_plan',
    'markdown',
    'of_these_configs',
    'run_all',
    'with_images',
    'write_results',
]
