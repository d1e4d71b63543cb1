"""Which config a work directory was made with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.files import write_json
from depthdecomp_mm.state_dict import name_some

from .checkpoint import resumable_checkpoints

RECORD = 'trained_with.json'
COMPARED = ('model', 'train_dataloader.dataset', 'optim_wrapper.optimizer', 'param_scheduler')
# where weights come from, and what does not change what is learnt
NOT_COMPARED = {
    *('pretrained', 'checkpoint_path', 'init_cfg', 'test_cfg', 'channels_last'),
    *('on_bad_sample', 'backend_args'),
}


def check_origin(work_dir: str, phases: Mapping[str, Config]) -> None:
    """Make sure that the checkpoints of a work directory, if any, are of these configs.

    Network, training data, optimiser and schedule are compared; the number of epochs, batch sizes,
    validation and workers may differ.

    Args:
        work_dir: The work directory.
        phases: The config of each phase by its name.

    Raises:
        ConfigError: If they are of others; the message names what differs.
    """
    path = Path(work_dir, RECORD)
    if not path.is_file() or not _holds_checkpoints(Path(work_dir)):
        return
    try:
        before = json.loads(path.read_text())
    except ValueError as error:
        raise ConfigError(f'{path}: not the record that a training writes: {error}') from error
    if differences := different_keys(before, origin(phases)):
        raise ConfigError(
            f'{work_dir} holds checkpoints of another config, which differs in '
            f'{name_some(differences)}: give another --work-dir, or remove {path} to go on '
            'nevertheless'
        )


def record_origin(work_dir: str, phases: Mapping[str, Config]) -> None:
    """Note the configs of a work directory for :func:`check_origin`."""
    if '://' not in work_dir:
        write_json(Path(work_dir, RECORD), origin(phases), indent=1)


def origin(phases: Mapping[str, Config]) -> dict:
    """What decides what is learnt in each phase, as JSON has it."""
    found = {
        name: {key: _pick(cfg.to_dict(), key) for key in COMPARED} for name, cfg in phases.items()
    }
    return json.loads(json.dumps(_without_ignored(found), default=str))


def different_keys(before: Any, now: Any, path: str = '') -> list[str]:
    """Dotted keys in which two nested dicts differ."""
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        before, now = (dict(enumerate(value)) for value in (before, now))
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return [] if before == now else [path]
    return [
        found
        for key in {**before, **now}
        for found in different_keys(before.get(key), now.get(key), f'{path}.{key}'.lstrip('.'))
    ]


def _pick(cfg: dict, key: str) -> Any:
    value: Any = cfg
    for part in key.split('.'):
        value = (value or {}).get(part)
    return value


def _without_ignored(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_ignored(v) for k, v in value.items() if k not in NOT_COMPARED}
    return [_without_ignored(v) for v in value] if isinstance(value, (list, tuple)) else value


def _holds_checkpoints(work_dir: Path) -> bool:
    folders = [work_dir, *(path for path in work_dir.iterdir() if path.is_dir())]
    return any(resumable_checkpoints(str(folder)) for folder in folders)
