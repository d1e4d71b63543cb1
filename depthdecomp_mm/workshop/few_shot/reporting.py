"""The curve as a table and as a plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from depthdecomp_mm.workshop.experiments.tables import plain  # noqa: E402

from .statistics import Mean, lead_of, mean_of, values_of  # noqa: E402

HEADINGS = {'abs_rel': 'REL', 'tau': 'τ'}
KINDS = {
    'alone': 'metric frames alone',
    'unlabelled': '+ labels of the teacher',
    'relabelled': '+ labels of the network itself',
    'scratch': 'metric frames alone, from the encoder',
    'scratch_unlabelled': '+ labels of the teacher, from the encoder',
    'scratch_relabelled': '+ labels of the network itself, from the encoder',
    'alone_long': 'metric frames alone, 150 steps',
    'unlabelled_long': '+ labels of the teacher, 150 steps',
    'relabelled_long': '+ labels of the network itself, 150 steps',
}
ORDER = ('not adapted', 'constant', *KINDS.values())
PARTS = {'test': 'the end of the recordings', 'elsewhere': 'other places'}
FEW = 16  # metric frames that labels are to make worth more
WITHOUT_LABELS = {
    'unlabelled': 'alone',
    'relabelled': 'alone',
    'scratch_unlabelled': 'scratch',
    'scratch_relabelled': 'scratch',
    'unlabelled_long': 'alone_long',
    'relabelled_long': 'alone_long',
}


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
    """Tables of the errors, of what labels bring, and of what a scale gives."""
    texts = [f'On {title}:\n\n{_errors(results, part)}' for part, title in PARTS.items()]
    return '\n\n'.join([*texts, _leads(results), _scaling(results)]) + '\n'


def _errors(results: Mapping, part: str) -> str:
    """A row for each number of frames and kind of training, with all cameras."""
    cells: dict[tuple[str, str], dict[str, dict[str, Mean]]] = {}
    for camera, found in results.items():
        everything = max((int(count) for count in found['constant']), default=0)
        for count, kind, means in rows(camera, found, part):
            name = 'all' if count == everything else str(count)
            cells.setdefault((name, kind), {})[camera] = means
    cameras = [camera for camera in results if any(camera in row for row in cells.values())]
    lines = []
    for (count, kind), means in sorted(cells.items(), key=lambda item: _place(*item[0])):
        found = [means.get(camera, {}).get(key) for camera in cameras for key in HEADINGS]
        texts = [f'{mean.value:.3f} ± {mean.error:.3f}' if mean else '-' for mean in found]
        seeds = '-'.join(str(n) for n in sorted({mean.seeds for mean in found if mean}))
        lines.append([count, kind, *texts, seeds if kind in KINDS.values() else '-'])
    columns = [f'{camera} {heading}' for camera in cameras for heading in HEADINGS.values()]
    return plain(['frames', 'trained on', *columns, 'seeds'], lines)


def _place(count: str, kind: str) -> tuple[float, int]:
    return (float('inf') if count == 'all' else int(count)), ORDER.index(kind)


def _leads(results: Mapping) -> str:
    """FEW frames and labels against more frames alone, in as many steps."""
    lines = []
    for camera, found in results.items():
        counts = [int(name.split('_')[1]) for name in found['runs'] if name.endswith('_alone')]
        more = min((count for count in counts if count > FEW), default=None)
        for kind, without in WITHOUT_LABELS.items():
            pair = f'{camera}_{FEW}_{kind}', f'{camera}_{more}_{without}'
            if all(found['runs'].get(name) for name in pair):
                first, second = (found['runs'][name] for name in pair)
                leads = [
                    lead_of(values_of(first, 'test', key), values_of(second, 'test', key))
                    for key in HEADINGS
                ]
                texts = [
                    f'{lead.value:+.3f} ({lead.low:+.3f} to {lead.high:+.3f})' for lead in leads
                ]
                lines.append([camera, KINDS[kind], f'{more} frames alone', *texts])
    return plain(['camera', f'{FEW} frames', 'less', *HEADINGS.values()], lines)


def _scaling(results: Mapping) -> str:
    lines = []
    for found in results.values():
        for scene, scaled in found['scaling'].items():
            points, median = fmean(scaled['points']), scaled['median_each']
            spread = float(np.std(scaled['points']))
            texts = f'{scaled["plain"]:.3f}', f'{points:.3f} ± {spread:.3f}', f'{median:.3f}'
            lines.append([f'`{scene}`', *texts, f'{points / median:.2f}'])
    header = ['recording', 'not calibrated', 'scale from 5 points', 'median scaling', 'ratio']
    return plain(header, lines)


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
