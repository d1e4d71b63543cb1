"""Plots of a plan's results."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402

from .plan import METRICS  # noqa: E402
from .results import finished_runs  # noqa: E402


def draw_table(path: str | Path, table: dict, results: dict, metrics: tuple[str, ...]) -> None:
    """Draw a table's rows, a panel for each metric: a dot for each seed, a bar for the mean.

    Args:
        path: The picture to write; none is written without metrics.
        table: Of the plan; rows without a finished run stay empty.
        results: What :func:`~depthdecomp_mm.workshop.experiments.results.collect` returns.
        metrics: Keys of :data:`~depthdecomp_mm.workshop.experiments.plan.METRICS`.
    """
    if not metrics:
        return
    rows = table['rows']
    names = [row.get('label') or ' '.join(filter(None, row['cells'])) for row in rows]
    figure, axes = _axes(len(metrics), height=0.6 + 0.34 * len(rows), sharey=True)
    for axis, key in zip(axes, metrics, strict=True):
        for place, row in enumerate(rows):
            values = finished_runs(results, row.get('run'), key)
            if values:
                mean = sum(values) / len(values)
                axis.plot(values, [place] * len(values), 'o', color='C0', alpha=0.5, markersize=4)
                axis.plot([mean, mean], [place - 0.3, place + 0.3], color='black', linewidth=1.5)
        axis.set_title(_title(key), fontsize=9)
        axis.grid(axis='x', alpha=0.3)
    axes[0].set_yticks(range(len(rows)), names)
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    _save(figure, path)


def draw_lines(path: str | Path, plot: dict, results: dict) -> None:
    """Draw metrics against a quantity, such as the number of images, a line for each setting.

    Args:
        path: The picture to write.
        plot: Of the plan: ``x`` (its name), ``metrics``, and ``lines``: ``(x, run)`` pairs by name.
        results: What :func:`~depthdecomp_mm.workshop.experiments.results.collect` returns.
    """
    figure, axes = _axes(len(plot['metrics']), height=2.6)
    for axis, key in zip(axes, plot['metrics'], strict=True):
        for number, (name, line) in enumerate(plot['lines'].items()):
            points = [(x, finished_runs(results, run, key)) for x, run in line]
            points = [(x, values) for x, values in points if values]
            means = [sum(values) / len(values) for _, values in points]
            axis.plot([x for x, _ in points], means, color=f'C{number}', label=name)
            for x, values in points:
                axis.plot([x] * len(values), values, 'o', color=f'C{number}', markersize=3.5)
        ticks = sorted({x for line in plot['lines'].values() for x, _ in line})
        axis.set_xscale('log')
        axis.set_xticks(ticks, [str(x) for x in ticks])
        axis.minorticks_off()
        axis.set_xlabel(plot['x'])
        axis.set_title(_title(key), fontsize=9)
        axis.grid(alpha=0.3)
    names = axes[0].get_legend_handles_labels()
    figure.legend(*names, loc='outside lower center', ncols=len(names[1]), fontsize=8)
    _save(figure, path)


def _axes(count: int, height: float, **kwargs):
    figure, axes = plt.subplots(
        1, count, figsize=(2.6 * count + 1, height), squeeze=False, layout='constrained', **kwargs
    )
    return figure, axes[0]


def _title(key: str) -> str:
    heading, _, smaller_is_better = METRICS[key]
    return f'{heading} {"↓" if smaller_is_better else "↑"}'


def _save(figure, path: str | Path) -> None:
    figure.savefig(path, dpi=110)
    plt.close(figure)
