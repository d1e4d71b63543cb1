"""The phases of a config (Section 4.3 of the paper) and their folders.

Runner, tests, inferencer and plans read them here.
"""

from __future__ import annotations

import copy
import re

from mmengine.config import Config, ConfigDict
from mmengine.fileio import join_path

from depthdecomp_mm.configs import override
from depthdecomp_mm.errors import ConfigError, faults_of

from .depth_range import spread_depth_range

NAME = re.compile(r'[\w-]+')


def read_phases(cfg: Config) -> dict[str, ConfigDict]:
    """The overlays of a config's phases by name, in the order in which they run.

    That is the order in which they are written. A phase with ``before='other'`` runs before that
    one, wherever it is written; a phase of None is left out. A config without phases has one, whose
    name is empty.

    Args:
        cfg: The config; it is not changed.

    Raises:
        ConfigError: If phases are a list, or a phase is no dict, has a name that no folder should
            have, or stands before an unknown one.
    """
    phases = cfg.get('phases') or {}
    if not isinstance(phases, dict):
        raise ConfigError(
            f'phases is a {type(phases).__name__}; phases have names now, so that a child config '
            'states what differs: phases = dict(phase1=dict(...), phase2=dict(...))'
        )
    phases = {name: phase for name, phase in phases.items() if phase is not None}
    for name, phase in phases.items():
        if not isinstance(phase, dict):
            raise ConfigError(f'phases.{name}: expected a dict, found {phase!r}')
        if not NAME.fullmatch(str(name)):  # of a folder, and between dots in options
            raise ConfigError(f'phases: expected names of letters, digits, _ and -, found {name!r}')
    if not phases:
        return {'': ConfigDict()}
    overlays = {name: copy.deepcopy(phase) for name, phase in phases.items()}
    followers = {name: phase.pop('before', None) for name, phase in overlays.items()}
    return {name: overlays[name] for name in _in_order(followers)}


def _in_order(followers: dict[str, str | None]) -> list[str]:
    """Names of phases, each before its follower if it has one."""
    order = [name for name, follower in followers.items() if follower is None]
    waiting = {name: follower for name, follower in followers.items() if follower is not None}
    while waiting:
        placed = [name for name, follower in waiting.items() if follower in order]
        if not placed:
            name, follower = next(iter(waiting.items()))
            raise ConfigError(f'phases.{name}.before: no phase {follower!r}, found {order}')
        for name in placed:
            order.insert(order.index(waiting.pop(name)), name)
    return order


def phase_config(cfg: Config, name: str | None = None, options: dict | None = None) -> Config:
    """The config of one phase: its overlay merged into the rest.

    ``depth_range`` is spread, see :func:`~depthdecomp_mm.engine.depth_range.spread_depth_range`.

    Args:
        cfg: A config that may have phases; it is not changed.
        name: Name of the phase, the last by default.
        options: Settings by dotted key. They hold for the config and for what the phase itself
            states; those of ``phases.<name>`` are of its overlay, and those of a part that the
            phase leaves out change nothing.

    Raises:
        ConfigError: If there is no phase of that name, the phases cannot be read, or an option
            does not fit.
    """
    cfg = override(copy.deepcopy(cfg), options)
    phases = read_phases(cfg)
    name = list(phases)[-1] if name is None else name
    if name not in phases:
        raise ConfigError(f'no phase {name!r} in the config; it has {list(phases)}')
    cfg.pop('phases', None)
    with faults_of(f'phases.{name}'):
        cfg.merge_from_dict(phases[name])
    override(cfg, {k: v for k, v in (options or {}).items() if not _without_effect(cfg, k)})
    spread_depth_range(cfg)
    return cfg


def _without_effect(cfg: Config, key: str) -> bool:
    """Whether an option is of the phases, or of a part that the phase of the config leaves out."""
    if key.startswith('phases.'):
        return True
    part = cfg
    for name in key.split('.')[:-1]:
        part = part.get(name, {}) if isinstance(part, (Config, dict)) else {}
        if part is None:
            return True
    return False


def refuse_overruled(cfg: Config, options: dict | None) -> None:
    """Make sure that options for all of a training hold in one of its phases at least.

    Args:
        cfg: The config, with the options.
        options: Settings by dotted key.

    Raises:
        ConfigError: If each phase states one of them itself.
    """
    phases = read_phases(cfg)
    for key in options or {}:
        if all(_states(phase, key.split('.')) for phase in phases.values()):
            raise ConfigError(
                f'{key}: changes nothing, as the phases {list(phases)} state it themselves: give '
                f'phases.{list(phases)[0]}.{key}'
            )


def _states(overlay: object, parts: list[str]) -> bool:
    """Whether an overlay holds a value for a key, given by its parts."""
    if not parts:
        return True
    return (
        isinstance(overlay, dict) and parts[0] in overlay and _states(overlay[parts[0]], parts[1:])
    )


def phase_folder(work_dir: str, name: str) -> str:
    """Folder of a phase's logs and checkpoints; the work dir itself where the name is empty."""
    return join_path(work_dir, name) if name else work_dir
