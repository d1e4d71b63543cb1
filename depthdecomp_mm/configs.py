"""Configs as commands and the package read them, with errors that name the file or the key."""

from __future__ import annotations

import copy
import difflib
import inspect
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

from .config_names import load_config
from .errors import ConfigError

RUNNER_KEYS = [
    *list(inspect.signature(Runner.__init__).parameters)[1:],
    # what MMEngine's runner and ours read from the config itself
    *('compile', 'find_unused_parameters', 'fuse_conv_bn', 'model_wrapper_cfg', 'sync_bn'),
    *('keep_global_batch', 'phases', 'runner_type'),
]
"""Settings that mean something at the top of a config."""
NAMES_OF_PARTS = (
    'What a config gives a name of its own is copied while it is read: give the setting that it '
    'went to'
)


def read_config(path: str | Path, options: dict | None = None) -> Config:
    """Read a config file and override settings.

    Args:
        path: Path of the config, or the name of a shipped one.
        options: Settings by dotted key, as ``--cfg-options`` gives them.

    Raises:
        ConfigError: If the file is not there or broken, or an option does not fit it.
    """
    try:
        cfg = load_config(path)
    except Exception as error:  # a config is Python: it raises whatever it likes
        where = f', line {error.lineno}' if isinstance(error, SyntaxError) else ''
        raise ConfigError(f'{path}{where}: {type(error).__name__}: {error}') from error
    return override(cfg, options)


def override(cfg: Config, options: dict | None) -> Config:
    """Override settings of a config, in place.

    Raises:
        ConfigError: If an option does not fit the config.
    """
    for key, value in (options or {}).items():
        _check_effect(cfg, key)
        try:
            cfg.merge_from_dict({key: copy.deepcopy(value)})  # merging takes '_delete_' out
        except Exception as error:  # KeyError, TypeError, IndexError, AssertionError
            raise ConfigError(f'{key}={value!r} does not fit the config: {error}') from error
    return cfg


def _check_effect(cfg: Config, key: str) -> None:
    """Whether an option changes what it seems to change; it would be passed over otherwise."""
    first, *rest = key.split('.')
    if first == 'phases' and rest and isinstance(cfg.get('phases') or {}, dict):
        phases = cfg.get('phases') or {}
        names = [name for name, phase in dict(phases).items() if phase is not None]
        if rest[0] not in (names if len(rest) > 1 else phases):  # it would make a new one
            raise ConfigError(f'{key}: no phase {rest[0]!r} in the config; it has {names}')
    elif first == 'depth_range':
        model = cfg.get('model')
        for stated in {'min_depth', 'max_depth'} & set(model if isinstance(model, dict) else ()):
            if rest in ([], [stated]):
                raise ConfigError(f'{key}: the model states its own: give model.{stated}')
    elif first not in RUNNER_KEYS:
        close = difflib.get_close_matches(first, RUNNER_KEYS, n=1, cutoff=0.85)
        hint = f'was {close[0]!r} meant?' if close else NAMES_OF_PARTS
        raise ConfigError(
            f'{key}: changes nothing, as {first!r} is no setting of the runner. {hint}'
        )


def section(cfg: Config, key: str) -> Any:
    """A part of a config that a command needs.

    Args:
        cfg: The config.
        key: Dotted key of the part.

    Raises:
        ConfigError: If it is not there, or empty.
    """
    part = cfg
    for name in key.split('.'):
        part = part.get(name) if isinstance(part, (Config, dict)) else None
    if not part:
        raise ConfigError(f'{cfg.filename or "the config"}: has no {key}')
    return part


def metric_configs(evaluator: dict | list[dict] | None) -> list[dict]:
    """The metrics in what a config says under ``test_evaluator``.

    Args:
        evaluator: One metric, a list of them, or ``dict(type, metrics)`` of MMEngine's Evaluator.
    """
    if isinstance(evaluator, dict):
        metrics = evaluator.get('metrics', evaluator)
        return [metrics] if isinstance(metrics, dict) else list(metrics)
    return list(evaluator or ())
