"""The phases of a config (Section 4.3 of the paper) and their folders.

Runner, tests, inferencer and plans read them here.
"""

from __future__ import annotations

import copy

from mmengine.config import Config, ConfigDict
from mmengine.fileio import join_path

from depthdecomp_mm.configs import override
from depthdecomp_mm.errors import ConfigError

from .depth_range import spread_depth_range


def read_phases(cfg: Config) -> dict[str, ConfigDict]:
    """The overlays of a config's phases by name, in the order in which they run.

    That is the order in which they are written. A phase with ``before='other'`` runs before that
    one, wherever it is written; a phase of None is left out. A config without phases has one, whose
    name is empty.

    Args:
        cfg: The config; it is not changed.

    Raises:
        ConfigError: If phases are a list, or a phase is no dict or stands before an unknown one.
    """
    phases = cfg.get('phases') or {}
    if not isinstance(phases, dict):
        raise ConfigError(
            f'phases is a {type(phases).__name__}; phases have names now, so that a child config '
            'states what differs: phases = dict(phase1=dict(...), phase2=dict(...))'
        )
    phases = {name: phase for name, phase in phases.items() if phase is not None}
    for name, phase in phases.items():
        if not isinstance(phase, dict) or not name:
            raise ConfigError(f'phases.{name}: expected a dict, found {phase!r}')
    if not phases:
        return {'': ConfigDict()}
    overlays = {name: copy.deepcopy(phase) for name, phase in phases.items()}
    followers = {name: phase.pop('before', None) for name, phase in overlays.items()}
    order = [name for name, follower in followers.items() if follower is None]
    for name, follower in followers.items():
        if follower is None:
            continue
        if follower not in order:
            raise ConfigError(f'phases.{name}.before: no phase {follower!r}, found {order}')
        order.insert(order.index(follower), name)
    return {name: overlays[name] for name in order}


def phase_config(cfg: Config, name: str | None = None, options: dict | None = None) -> Config:
    """The config of one phase: its overlay merged into the rest.

    ``depth_range`` is spread, see :func:`~depthdecomp_mm.engine.depth_range.spread_depth_range`.

    Args:
        cfg: A config that may have phases; it is not changed.
        name: Name of the phase, the last by default.
        options: Settings by dotted key. They hold for the config and for what the phase itself
            states; those of ``phases.<name>`` are of its overlay.

    Raises:
        ConfigError: If there is no phase of that name, the phases cannot be read, or an option
            does not fit.
    """
    cfg = override(copy.deepcopy(cfg), copy.deepcopy(options))  # merging takes '_delete_' out
    phases = read_phases(cfg)
    name = list(phases)[-1] if name is None else name
    if name not in phases:
        raise ConfigError(f'no phase {name!r} in the config; it has {list(phases)}')
    cfg.pop('phases', None)
    cfg.merge_from_dict(phases[name])
    override(cfg, {k: v for k, v in (options or {}).items() if not k.startswith('phases.')})
    spread_depth_range(cfg)
    return cfg


def phase_folder(work_dir: str, name: str) -> str:
    """Folder of a phase's logs and checkpoints; the work dir itself where the name is empty."""
    return join_path(work_dir, name) if name else work_dir
