"""A network on held-out frames."""

from __future__ import annotations

from pathlib import Path

from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine import DepthRunner
from depthdecomp_mm.engine.phases import phase_config


def evaluate(config: Path, checkpoint: Path, work_dir: Path) -> dict[str, float]:
    """Test a checkpoint as ``depthdecomp test --tta`` does.

    Args:
        config: Of the training.
        checkpoint: The checkpoint; what it was calibrated by counts.
        work_dir: Folder of the log.
    """
    cfg = phase_config(read_config(config))
    cfg.work_dir, cfg.load_from, cfg.resume = str(work_dir), str(checkpoint), False
    cfg.merge_from_dict({'model.test_cfg.flip_test': True})
    cfg.default_hooks.pop('visualization', None)
    return DepthRunner.from_cfg(cfg).test()
