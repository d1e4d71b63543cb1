"""Configs as commands and the package read them, with errors that name the file or the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mmengine.config import Config

from .config_names import load_config
from .errors import ConfigError


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
        _check_phase(cfg, key)
        try:
            cfg.merge_from_dict({key: value})
        except Exception as error:  # KeyError, TypeError, IndexError, AssertionError
            raise ConfigError(f'{key}={value!r} does not fit the config: {error}') from error
    return cfg


def _check_phase(cfg: Config, key: str) -> None:
    """Whether an option is of a phase that is there: it would make a new one otherwise."""
    names, parts = cfg.get('phases'), key.split('.')
    if parts[0] == 'phases' and len(parts) > 1 and isinstance(names, dict):
        if parts[1] not in names:
            raise ConfigError(f'{key}: no phase {parts[1]!r} in the config; it has {list(names)}')


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
