"""Metrics of finished runs, gathered in one file."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable
from pathlib import Path

from depthdecomp_mm.config_names import load_config
from depthdecomp_mm.files import write_json

from .digest import config_digest
from .plan import METRICS, Run


def read_json(path: Path) -> dict:
    """Read a file of this package.

    Raises:
        ValueError: If it is no JSON; names the file.
    """
    try:
        return json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise ValueError(f'{path} is not the JSON that this command writes: {error}') from None


def collect(runs: Iterable[Run], work_dir: str | Path) -> dict[str, dict[str, dict]]:
    """Metrics of the runs that are finished.

    Returns:
        By name of the run and seed (as text): the metrics; their ``intervals`` over images;
        ``seconds`` and ``cpu_seconds`` that the training took on ``gpus`` GPUs (0: on the CPU); and
        ``config``, the :func:`~depthdecomp_mm.workshop.experiments.digest.config_digest` of what it
        was made with.

    Raises:
        ValueError: If a file of a run is no JSON.
    """
    results: dict[str, dict[str, dict]] = {}
    for run in runs:
        directory = run.directory(work_dir)
        if (directory / 'metrics.json').is_file():
            metrics, record = (read_json(directory / name) for name in ('metrics.json', 'run.json'))
            found = {key: metrics[key] for key in METRICS if key in metrics}
            intervals = metrics.get('intervals', {})
            found['intervals'] = {key: intervals[key] for key in METRICS if key in intervals}
            found['config'] = config_digest(load_config(directory / 'config.py'))
            results.setdefault(run.name, {})[str(run.seed)] = {**found, **record}
    return results


def write_results(path: str | Path, results: dict) -> dict:
    """Add results to a JSON file, which is written whole or not at all.

    Returns:
        All that the file holds then: also runs of other plans, and runs whose folders are gone.

    Raises:
        ValueError: If the file is there but is no JSON.
    """
    path = Path(path)
    with path.with_name(f'.{path.name}.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        merged = read_json(path) if path.is_file() else {}
        for name, seeds in results.items():
            merged[name] = {**merged.get(name, {}), **seeds}
        write_json(path, merged, indent=1, sort_keys=True)
    return merged


def of_these_configs(results: dict, runs: Iterable[Run]) -> tuple[dict, list[str]]:
    """Leave out what was made with other configs than the runs have now.

    Args:
        results: What :func:`write_results` returns.
        runs: The runs to look at; of each, all seeds are taken that there are.

    Returns:
        The results of these runs, and a line for each one that is left out.
    """
    digests = {}
    for run in runs:
        if run.name in results and run.name not in digests:
            digests[run.name] = run.digest
    kept, others = {}, []
    for name, digest in digests.items():
        for seed, found in results[name].items():
            if found.get('config') == digest:
                kept.setdefault(name, {})[seed] = found
            else:
                others.append(f'{name} seed {seed}: made with another config, in no table')
    return kept, others


def finished_runs(results: dict, name: str, metric: str) -> list[float]:
    """The values of a metric over the seeds of a run that are finished."""
    seeds = results.get(name, {})
    return [seeds[seed][metric] for seed in sorted(seeds) if metric in seeds[seed]]


def interval_of(results: dict, name: str, metric: str) -> list[float] | None:
    """The 95 % interval over images of the only seed of a run; None of several, or if unknown."""
    seeds = [*results.get(name, {}).values()]
    return seeds[0].get('intervals', {}).get(metric) if len(seeds) == 1 else None
