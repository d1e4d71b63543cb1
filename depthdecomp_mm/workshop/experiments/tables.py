"""Tables in the paper's layout, the paper's figure beside each of ours."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from .plan import METRICS
from .results import finished_runs, interval_of


def markdown(table: dict, results: dict) -> str:
    """A table of a plan in Markdown.

    A cell holds the mean over the seeds, ``±`` their standard deviation where there are at least
    two, of a single one in brackets the 95 % interval over images, and in parentheses the paper's
    figure where the plan gives one; ``-`` where no run is finished. A last column says how many
    seeds are behind a row.

    Args:
        table: Of the plan, see :class:`~depthdecomp_mm.workshop.experiments.plan.Plan`.
        results: What :func:`~depthdecomp_mm.workshop.experiments.results.collect` returns.
    """
    headings = [METRICS[key][0] for key in table['metrics']]
    rows = []
    for row in table['rows']:
        values = {key: finished_runs(results, row.get('run'), key) for key in table['metrics']}
        paper = row.get('paper', {})
        intervals = {key: interval_of(results, row.get('run'), key) for key in table['metrics']}
        cells = [cell(key, values[key], paper.get(key), intervals[key]) for key in table['metrics']]
        seeds = max(map(len, values.values()), default=0)
        rows.append([*row['cells'], *cells, str(seeds or '-')])
    header = [*table['columns'], *headings, 'seeds']
    return f'**{table["title"]}**\n\n{plain(header, rows)}\n'


def cell(
    metric: str,
    values: list[float],
    paper: float | None = None,
    interval: Sequence[float] | None = None,
) -> str:
    """Mean, spread or interval, and the paper's figure of one metric."""
    decimals = METRICS[metric][1]
    text = f'{statistics.fmean(values):.{decimals}f}' if values else '-'
    if len(values) > 1:
        text += f' ± {statistics.stdev(values):.{decimals}f}'
    elif interval:
        text += f' [{interval[0]:.{decimals}f}, {interval[1]:.{decimals}f}]'
    return text if paper is None else f'{text} ({paper:.{decimals}f})'


def plain(header: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of any cells in Markdown, without a line break at its end."""
    return '\n'.join(map(line, (header, ('---',) * len(header), *rows)))


def line(cells: Iterable[str]) -> str:
    """A row of a table in Markdown."""
    return '| ' + ' | '.join(cells) + ' |'
