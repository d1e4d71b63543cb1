"""Training and calibration of an adaptation."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from mmengine.registry import RUNNERS

from depthdecomp_mm.apis.calibrate import calibrate
from depthdecomp_mm.apis.inferencer import DepthInferencer
from depthdecomp_mm.apis.measurements import read_frames
from depthdecomp_mm.calibration import Calibration
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine.checkpoint import latest_checkpoint

MEASURED = 32
"""Training frames that a calibration looks at."""


def train(config: Path, work_dir: Path) -> Path:
    """Train, or go on where an earlier call was ended.

    Args:
        config: As :func:`~.config.config_text` writes it.
        work_dir: Folder of logs and checkpoints.

    Returns:
        The last checkpoint.

    Raises:
        ConfigError: If the folder holds a training of another config.
    """
    cfg = read_config(config)
    cfg.work_dir, cfg.resume = str(work_dir), 'auto'
    RUNNERS.build(cfg).train()
    return Path(latest_checkpoint(str(work_dir / 'phase2')))


def fitted_scale(
    checkpoint: Path, frames: Path, depth_scale: float, max_depth: float
) -> Calibration:
    """The scale that fits training frames best; see :func:`~depthdecomp_mm.apis.calibrate`.

    Args:
        checkpoint: The trained network.
        frames: List of the training frames, of which 32 count at most.
        depth_scale: Stored units per metre.
        max_depth: Largest depth that counts, metres.
    """
    measured = read_frames(frames, depth_scale, max_depth=max_depth)
    step = -(-len(measured) // MEASURED)
    chosen = dict(islice(measured.items(), None, None, step))
    inferencer = DepthInferencer(weights=checkpoint, flip_test=True, show_progress=False)
    return calibrate(inferencer, chosen).calibration
