"""The curve as a table and as a plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from .statistics import Mean, mean_of, values_of  # noqa: E402

HEADINGS = {'abs_rel': 'REL', 'tau': 'τ'}
KINDS = {
    'alone': 'metric frames alone',
    'unlabelled': '+ labels of the teacher',
    'relabelled': '+ labels of the network itself',
    'scratch': 'metric frames alone, from the encoder',
    'scratch_unlabelled': '+ labels of the teacher, from the encoder',
    'alone_long': 'metric frames alone, 150 steps',
    'unlabelled_long': '+ labels of the teacher, 150 steps',
    'relabelled_long': '+ labels of the network itself, 150 steps',
}
ORDER = ('not adapted', 'constant', *KINDS.values())


def rows(camera: str, found: Mapping, part: str) -> Iterator[tuple[int, str, dict[str, Mean]]]:
    """The rows of a camera: metric frames, what was trained on, and the means by metric.

    Args:
        camera: Its name.
        found: What :func:`~.measuring.measure` found of it.
        part: ``'test'`` or ``'elsewhere'``.
    """
    if part in found['teacher']:
        yield 0, 'not adapted', _means({'0': {part: found['teacher'][part]}}, part)
    for count, errors in found['constant'].items():
        if part in errors:
            yield int(count), 'constant', _means({'0': errors}, part)
    for name, seeds in found['runs'].items():
        count, kind = name.removeprefix(f'{camera}_').split('_', 1)
        if seeds and part in next(iter(seeds.values())):
            yield int(count), KINDS[kind], _means(seeds, part)


def _means(seeds: Mapping[str, Mapping], part: str) -> dict[str, Mean]:
    keys = next(iter(seeds.values()))[part]
    return {key: mean_of(values_of(seeds, part, key)) for key in HEADINGS if key in keys}


def markdown(results: Mapping) -> str:
    """Tables of the errors, and of what a scale gives."""
    lines = []
    for part, title in (('test', 'the end of the recordings'), ('elsewhere', 'other places')):
        lines += [f'On {title}:', '', '| camera | frames | trained on | REL | τ | seeds |']
        lines += ['| --- ' * 6 + '|']
        for camera, found in results.items():
            for count, kind, means in sorted(rows(camera, found, part), key=lambda row: row[0]):
                cells = [_cell(means[key]) if key in means else '-' for key in HEADINGS]
                seeds = means['abs_rel'].seeds if kind in KINDS.values() else '-'
                lines.append(f'| {camera} | {count} | {kind} | {" | ".join(cells)} | {seeds} |')
        lines.append('')
    return '\n'.join([*lines, *_scaling(results), ''])


def _cell(mean: Mean) -> str:
    return f'{mean.value:.3f} ± {mean.error:.3f}'


def _scaling(results: Mapping) -> Iterator[str]:
    yield '| recording | not calibrated | scale from 5 points | median scaling | ratio |'
    yield '| --- ' * 5 + '|'
    for found in results.values():
        for scene, scaled in found['scaling'].items():
            points = fmean(scaled['points'])
            spread = float(np.std(scaled['points']))
            yield (
                f'| `{scene}` | {scaled["plain"]:.3f} | {points:.3f} ± {spread:.3f} | '
                f'{scaled["median_each"]:.3f} | {points / scaled["median_each"]:.2f} |'
            )


def draw(path: str | Path, results: Mapping) -> None:
    """Draw REL and tau against the number of metric frames, a column for each camera.

    Args:
        path: The picture to write.
        results: What :func:`~.measuring.measure` found.
    """
    figure, axes = plt.subplots(
        len(HEADINGS), len(results), figsize=(3.1 * len(results), 5.2), sharex='col',
        squeeze=False, layout='constrained',
    )  # fmt: skip
    for column, (camera, found) in enumerate(results.items()):
        lines: dict[str, list] = {}
        for count, kind, means in rows(camera, found, 'test'):
            lines.setdefault(kind, []).append((count, means))
        for axis, key in zip(axes[:, column], HEADINGS, strict=True):
            _draw_lines(axis, lines, key)
        axes[0, column].set_title(camera, fontsize=10)
        axes[-1, column].set_xlabel('metric frames')
    for axis, heading, arrow in zip(axes[:, 0], HEADINGS.values(), '↓↑', strict=True):
        axis.set_ylabel(f'{heading} {arrow}')
    known: dict = {}
    for axis in axes.flat:
        handles, names = axis.get_legend_handles_labels()
        known |= dict(zip(names, handles, strict=True))
    figure.legend(known.values(), known, loc='outside lower center', ncols=3, fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw_lines(axis, lines: Mapping[str, list], key: str) -> None:
    counts = sorted({count for points in lines.values() for count, _ in points if count})
    for kind, points in lines.items():
        number = ORDER.index(kind)
        known = sorted((count, means[key]) for count, means in points if key in means)
        if not known:
            continue
        if kind == 'not adapted':
            axis.axhline(known[0][1].value, color='black', linestyle=':', label=kind)
            continue
        x, means = zip(*known, strict=True)
        y, error = [m.value for m in means], [m.error for m in means]
        shifted = np.array(x) * 1.012 ** (number - len(ORDER) // 2)
        axis.errorbar(shifted, y, error, color=f'C{number}', marker='o', markersize=4, label=kind)
    axis.set_xscale('log')
    axis.set_xticks(counts, [str(count) for count in counts])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
