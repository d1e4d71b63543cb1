"""What a plan says: which configs are trained with which seeds, and the tables they end up in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mmengine.config import Config
from mmengine.utils import is_seq_of

from depthdecomp_mm.config_names import load_config
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.errors import ConfigError, UserError, faults_of

from .digest import config_digest

# key of a metric -> (heading, decimals, whether smaller is better)
METRICS = {
    'rmse': ('RMSE', 3, True),
    'abs_rel': ('REL', 3, True),
    'log10': ('log10', 3, True),
    'd1': ('δ1', 3, False),
    'd2': ('δ2', 3, False),
    'd3': ('δ3', 3, False),
    'tau': ("Kendall's τ", 3, False),
    'whdr': ('WHDR (%)', 2, True),
}
NAME = re.compile(r'[A-Za-z0-9_+-][A-Za-z0-9_.+-]*')


class PlanError(UserError):
    """A plan that cannot be run as it is written."""


@dataclass(frozen=True)
class Run:
    """A config trained and tested with one seed.

    Args:
        name: Name of the plan's entry.
        seed: ``randomness.seed``.
        config: Path of the config.
        cfg_options: What differs from the config, as ``--cfg-options`` takes it.
    """

    name: str
    seed: int
    config: Path
    cfg_options: dict = field(default_factory=dict, hash=False)

    def directory(self, work_dir: str | Path) -> Path:
        """Folder of the run's configs, logs, checkpoints and metrics."""
        return Path(work_dir) / self.name / f'seed_{self.seed}'

    def load_config(self) -> Config:
        """The config as the run trains it.

        Raises:
            PlanError: If it cannot be read, or the options do not fit it.
        """
        try:
            cfg = read_config(self.config, {**self.cfg_options, 'randomness.seed': self.seed})
        except ConfigError as error:
            raise PlanError(f'run {self.name!r}: {self.config}: {error}') from error
        cfg.experiment_name = self.name
        return cfg

    @property
    def digest(self) -> str:
        """See :func:`~depthdecomp_mm.workshop.experiments.digest.config_digest`.

        Raises:
            PlanError: If the config cannot be read.
        """
        return config_digest(self.load_config())


@dataclass(frozen=True)
class Plan:
    """The runs of a plan file and what is made from their results.

    Attributes:
        name: Stem of the file.
        runs: All runs; in the order of the file, all first seeds before the second ones.
        tables: ``dict(title, columns, metrics, rows)`` each; a row is ``dict(cells, run, paper)``.
        plots: ``dict(name, x, metrics, lines)`` each; a line is a list of ``(x, run)``.
        claims: ``dict(claim, better, worse, metrics)`` each: in words, and the two runs.
    """

    name: str
    runs: list[Run]
    tables: list[dict]
    plots: list[dict]
    claims: list[dict]


def load_plan(path: str | Path, seeds: list[int] | None = None) -> Plan:
    """Read a plan: a config file with ``runs``, ``tables`` and, if wanted, ``plots``, ``claims``.

    ``runs`` maps a name to ``dict(config, cfg_options, seeds)``, ``config`` relative to the plan's
    folder; the last two may be left out, ``seeds`` then being the plan's own (``(0,)`` by default).
    ``cfg_options`` is a dict, or a list of them that hold one after another.
    A row is ``dict(cells, run, paper, label)``: one cell for each column, the paper's figures by
    metric, and the row's name in plots (its cells by default); only the cells must be there.
    A claim is ``dict(claim, better, worse, metrics)``, by default of RMSE and Kendall's tau.
    A run that no table, plot or claim names is not part of the plan: plans can share a base.

    Args:
        path: The plan.
        seeds: Take these for every run instead.

    Raises:
        PlanError: If the file cannot be read, lacks a key, names a run, config or metric that does
            not exist or no run at all, or a row has not one cell for each column.
        ConfigError: If something in it is of another type than it should be.
    """
    try:
        cfg = load_config(path)
    except Exception as error:
        raise PlanError(f'{path}: {type(error).__name__}: {error}') from error
    with faults_of(f'{path}: not the form of a plan'):
        return _plan(path, cfg, seeds)


def _plan(path: str | Path, cfg: Config, seeds: list[int] | None) -> Plan:
    for key in ('runs', 'tables'):
        if not cfg.get(key):
            raise PlanError(f'{path}: a plan needs {key!r}, found {sorted(cfg.keys())}')
    tables = [dict(table) for table in cfg.tables]
    plots = [dict(plot) for plot in cfg.get('plots', [])]
    for table in tables:
        _check_table(path, table)
    for plot in plots:
        _check_keys(path, 'a plot', plot, ('name', 'x', 'lines'))
        _check_metrics(path, plot)
    claims = [dict(claim) for claim in cfg.get('claims', [])]
    for claim in claims:
        _check_keys(path, 'a claim', claim, ('claim', 'better', 'worse'))
        claim.setdefault('metrics', ('rmse', 'tau'))
        _check_known(path, claim['metrics'])
    used = [row['run'] for table in tables for row in table['rows'] if row.get('run')]
    used += [run for plot in plots for line in plot['lines'].values() for _, run in line]
    used += [claim[side] for claim in claims for side in ('better', 'worse')]
    if not used:
        raise PlanError(f'{path}: no row of a table names a run')
    for name in used:
        _check_run(path, name, cfg.runs)
    entries = {name: entry for name, entry in cfg.runs.items() if name in used}
    wanted = {
        name: _seeds(path, name, seeds or entry.get('seeds') or cfg.get('seeds', (0,)))
        for name, entry in entries.items()
    }
    runs = [
        Run(name, wanted[name][turn], _config(path, name, entry), _options(entry))
        for turn in range(max(map(len, wanted.values())))
        for name, entry in entries.items()
        if turn < len(wanted[name])
    ]
    return Plan(Path(path).stem, runs, tables, plots, claims)


def _seeds(path, name: str, found: object) -> list[int]:
    if not is_seq_of(found, int):
        raise PlanError(f"{path}: 'seeds' of {name!r}: expected a list of them, found {found!r}")
    return list(dict.fromkeys(found))


def _check_run(path, name: str, runs: dict) -> None:
    if name not in runs:
        raise PlanError(f'{path}: no run is called {name!r}; there are {sorted(runs)}')
    if not NAME.fullmatch(name):
        raise PlanError(
            f'{path}: {name!r} is a folder name, too: letters, digits and _ . + - only, '
            'no dot first'
        )
    unknown = sorted(set(runs[name]) - {'config', 'cfg_options', 'seeds'})
    if unknown or 'config' not in runs[name]:
        raise PlanError(
            f"{path}: run {name!r} has 'config' and maybe 'cfg_options' and 'seeds', "
            f'found {sorted(runs[name])}'
        )


def _config(path, name: str, entry: dict) -> Path:
    config = Path(path).parent / entry['config']
    if not config.is_file():
        raise PlanError(f'{path}: the config of run {name!r} does not exist: {config}')
    return config.resolve()


def _options(entry: dict) -> dict:
    options = entry.get('cfg_options', {})
    parts = [options] if isinstance(options, dict) else options
    return {key: value for part in parts for key, value in part.items()}


def _check_keys(path, what: str, part: dict, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key not in part:
            raise PlanError(f'{path}: {what} needs {key!r}, found {sorted(part)}')


def _check_table(path, table: dict) -> None:
    _check_keys(path, 'a table', table, ('title', 'columns', 'rows'))
    _check_metrics(path, table)
    for row in table['rows']:
        _check_known(path, row.get('paper', {}))
        if len(row.get('cells', ())) != len(table['columns']):
            raise PlanError(
                f'{path}: table {table["title"]!r} has the columns {tuple(table["columns"])}, '
                f'but a row has the cells {row.get("cells")}'
            )


def _check_metrics(path, part: dict) -> None:
    part.setdefault('metrics', tuple(METRICS))
    _check_known(path, part['metrics'])


def _check_known(path, metrics: Iterable[str]) -> None:
    unknown = [key for key in metrics if key not in METRICS]
    if unknown:
        raise PlanError(f'{path}: unknown metrics {unknown}; there are {list(METRICS)}')
