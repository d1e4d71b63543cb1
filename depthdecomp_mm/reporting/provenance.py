"""How the numbers of a test came about."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

from depthdecomp_mm.calibration import NO_CALIBRATION
from depthdecomp_mm.evaluation import DepthMapMetric
from depthdecomp_mm.files import digest_of
from depthdecomp_mm.requirements import installed_version
from depthdecomp_mm.version import __version__

PACKAGES = ('torch', 'mmengine', 'mmcv', 'timm', 'numpy', 'scipy')


def how_it_was_made(cfg: Config, config: str, model: Any, metrics: Iterable[Any]) -> dict[str, Any]:
    """What a test was made with.

    Args:
        cfg: The config of the test; its ``load_from`` is the checkpoint.
        config: Path or name of the config.
        model: The network that was tested.
        metrics: Those of the evaluator.

    Returns:
        ``config``, ``checkpoint`` with its ``sha256`` (None where it is no file of this machine),
        ``mirrored`` (whether it averaged with the mirrored image), ``calibration`` where there is
        one, ``protocol`` in a sentence for each metric, and ``versions``.
    """
    made = dict(
        config=config,
        checkpoint=str(cfg.load_from),
        sha256=digest_of(cfg.load_from) if Path(cfg.load_from).is_file() else None,
        mirrored=bool((getattr(model, 'test_cfg', None) or {}).get('flip_test')),
        protocol=protocols(metrics),
        versions=versions(),
    )
    calibration = getattr(model, 'calibration', NO_CALIBRATION)
    return made if calibration == NO_CALIBRATION else dict(made, calibration=str(calibration))


def protocols(metrics: Iterable[Any]) -> dict[str, str]:
    """What the numbers of each of our metrics depend on, in a sentence."""
    ours = [metric for metric in metrics if isinstance(metric, DepthMapMetric)]
    return {metric.full_name(type(metric).__name__): metric.describe() for metric in ours}


def versions() -> Mapping[str, str]:
    """Those of Python, this package and what it computes with."""
    found = {name: installed_version(name) for name in PACKAGES}
    return dict(python=platform.python_version(), depthdecomp_mm=__version__, **found)
