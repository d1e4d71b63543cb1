"""A static page of one test, or of two side by side."""

from __future__ import annotations

import html
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from depthdecomp_mm.errors import OutputError, UserError
from depthdecomp_mm.evaluation.uncertainty import Difference
from depthdecomp_mm.files import write_bytes, write_json

from .frame_statistics import summarize
from .hook import Frame, ReportHook
from .results import common_folder, compare_results, read_results
from .script import as_script

ASSETS = Path(__file__).parent / 'assets'
RUNS = 'runs'
PREFERRED = ('rmse', 'abs_rel', 'tau')
SHOWN = 4
"""Worst, median and best images that have a point cloud, of each as many."""


def prepare_folder(folder: str | Path) -> None:
    """Make room for a report, in whose place an earlier one goes.

    Raises:
        OutputError: If the folder holds anything but a report.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputError(f'{folder}: is a file, expected a folder for the report')
    if folder.is_dir() and any(folder.iterdir()) and not (folder / 'index.html').is_file():
        raise OutputError(f'{folder}: holds other files, expected a new folder or an old report')
    shutil.rmtree(folder / RUNS, ignore_errors=True)


def write_report(folder: str | Path, name: str, results: Mapping, hook: ReportHook) -> None:
    """Write the page of a test.

    Args:
        folder: Of the page.
        name: Of the run; ``hook`` wrote into :func:`run_folder` of it.
        results: See :func:`~depthdecomp_mm.reporting.results.gather_results`.
        hook: What it gathered.
    """
    run = run_folder(folder, name)
    primary = primary_metric(results)
    values = [row.get(primary) for row in results['images']]
    higher = primary in results['higher_is_better']
    clouds = _keep_clouds(run, [hook.frames[i] for i in extremes(values, higher)])
    end = hook.protocol.max_depth if hook.protocol else 0.0
    data = dict(
        name=name,
        primary=primary,
        made=results['made'],
        metrics=metric_rows(results),
        images=image_rows(results['images'], hook.frames),
        statistics=summarize((frame.statistics for frame in hook.frames), end),
        clouds=clouds,
    )
    write_json(run / 'results.json', dict(results))
    write_bytes(run / 'data.js', as_script('add', data).encode())
    write_page(folder, [name])


def run_folder(folder: str | Path, name: str) -> Path:
    """Where a page has what belongs to one run."""
    return Path(folder, RUNS, name)


def combine(folder: str | Path, reports: Mapping[str, str | Path]) -> dict[str, Difference]:
    """Write a page of two runs side by side, or that of one anew.

    Args:
        folder: Of the page.
        reports: Folders of pages with one run each, by the names that the runs get.

    Returns:
        How the first compares with the second, by metric; empty for one run.

    Raises:
        UserError: If a folder holds no report of one run, or the runs have no image in common.
        OutputError: If the folder for the page holds other files.
    """
    sources = {name: _only_run(Path(report)) for name, report in reports.items()}
    results = [read_results(source / 'results.json') for source in sources.values()]
    compared = compare_results(*results) if len(results) == 2 else {}
    prepare_folder(folder)
    for name, source in sources.items():
        shutil.copytree(source, run_folder(folder, name))
    rows = [
        dict(name=key, verdict=found.verdict, mean=mean, low=low, high=high, images=images)
        for key, found in compared.items()
        for mean, low, high, images in [found.estimate]
        if images > 1
    ]
    write_page(folder, list(sources), rows)
    return compared


def _only_run(report: Path) -> Path:
    runs = sorted(path.parent for path in report.glob(f'{RUNS}/*/data.js'))
    if len(runs) != 1:
        raise UserError(f'{report}: expected the report of one run, found {len(runs)}')
    return runs[0]


def write_page(folder: str | Path, names: Sequence[str], compared: Sequence[dict] = ()) -> None:
    """Write the page itself, over what :func:`write_report` left of each run."""
    folder = Path(folder)
    shutil.copytree(ASSETS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns('*.py'))
    write_bytes(folder / 'comparison.js', as_script('compare', list(compared)).encode())
    scripts = '\n'.join(
        f'<script src="{RUNS}/{quote(name)}/data.js" data-run="{html.escape(name)}"></script>'
        for name in names
    )
    text = (ASSETS / 'index.html').read_text()
    text = text.replace('<!-- runs -->', scripts).replace('TITLE', html.escape(' and '.join(names)))
    write_bytes(folder / 'index.html', text.encode())


def primary_metric(results: Mapping[str, Any]) -> str:
    """The metric by which images are worst and best.

    Raises:
        UserError: If no image has any.
    """
    found = [key for row in results['images'] for key in row if key != 'image']
    if not found:
        raise UserError('no metric of this package has measured an image: there is no report')
    return next((key for key in PREFERRED if key in found), found[0])


def extremes(values: Sequence[float | None], higher_is_better: bool) -> list[int]:
    """The indices of the best, median and worst values, of each :data:`SHOWN`."""
    known = [i for i, value in enumerate(values) if value is not None]
    order = sorted(known, key=lambda i: values[i], reverse=higher_is_better)
    middle = max(len(order) // 2 - SHOWN // 2, 0)
    chosen = order[:SHOWN] + order[middle : middle + SHOWN] + order[-SHOWN:]
    return list(dict.fromkeys(chosen))


def metric_rows(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Name, mean, interval and direction of each number."""
    rows = []
    for key, value in results.items():
        if isinstance(value, (int, float)):
            low, high = results['intervals'].get(key, (None, None))
            higher = key in results['higher_is_better']
            rows.append(dict(name=key, mean=value, low=low, high=high, higher=higher))
    return rows


def image_rows(images: Sequence[Mapping], frames: Sequence[Frame]) -> list[dict[str, Any]]:
    """What the page has of each image."""
    root = common_folder(frame.image for frame in frames)
    rows = []
    for row, frame in zip(images, frames, strict=True):
        found = frame.statistics
        name = os.path.relpath(frame.image, root)
        rows.append(
            dict(
                name=name,
                scene=os.path.dirname(name),
                file=frame.file,
                size=frame.size,
                tiles=frame.tiles,
                camera=frame.camera,
                values={k: float(f'{v:.5g}') for k, v in row.items() if k != 'image'},
                means=found and [round(found.mean_true, 4), round(found.mean_predicted, 4)],
            )
        )
    return rows


def _keep_clouds(run: Path, frames: Sequence[Frame]) -> list[str]:
    """Remove the point clouds of all other frames; the names of those that are left."""
    kept = {frame.file for frame in frames if frame.camera}
    for path in (run / 'clouds').glob('*.js'):
        if path.stem not in kept:
            path.unlink()
    return sorted(kept)
