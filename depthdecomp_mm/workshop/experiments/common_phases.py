"""Phases that runs of a work dir have in common are trained once."""

from __future__ import annotations

import os
import shutil
from itertools import takewhile
from pathlib import Path

from depthdecomp_mm.config_names import load_config
from depthdecomp_mm.engine.checkpoint import latest_checkpoint, write_pointer
from depthdecomp_mm.engine.phases import phase_folder

from .digest import decisive_settings


def take_over(directory: Path) -> dict[str, Path]:
    """Give a run that has not started the first phases that a finished run has trained.

    These are phases of the same name, seed and settings, such as phase 1 of networks that differ
    in M-Net alone. The last phase is always trained by the run itself.

    Args:
        directory: The run's folder, in that of its entry, in the work dir.

    Returns:
        The folder that each phase was copied from, by its name.
    """
    mine = decisive_settings(load_config(directory / 'config.py'))
    phases = list(mine)[:-1]
    if not phases or any(Path(phase_folder(str(directory), name)).exists() for name in mine):
        return {}
    for metrics in sorted(directory.parents[1].glob('*/seed_*/metrics.json')):
        other = metrics.parent
        theirs = decisive_settings(load_config(other / 'config.py'))
        common = _common(phases, mine, theirs)
        found = {name: latest_checkpoint(phase_folder(str(other), name)) for name in common}
        if found and all(found.values()):
            return {name: _copy(path, directory, name) for name, path in found.items()}
    return {}


def _common(phases: list[str], mine: dict, theirs: dict) -> list[str]:
    return list(takewhile(lambda name: mine[name] == theirs.get(name), phases))


def _copy(checkpoint: str, directory: Path, phase: str) -> Path:
    folder = Path(phase_folder(str(directory), phase))
    folder.mkdir()
    copy = shutil.copy(checkpoint, folder)
    write_pointer(str(folder), os.path.abspath(copy))
    return Path(checkpoint).parent
