"""Monocular metric depth by depth map decomposition (Jun et al., ECCV 2022) for MMEngine."""

from .requirements import check_requirements
from .version import __version__

check_requirements()

from mmengine.config.utils import MODULE2PACKAGE  # noqa: E402

from .engine.checkpoint import allow_mmengine_checkpoints  # noqa: E402

# lets Config.fromfile('depthdecomp_mm::depthdecomp/nyu_51k.py') find the installed configs
MODULE2PACKAGE.setdefault('depthdecomp_mm', 'depthdecomp_mm')
allow_mmengine_checkpoints()

__all__ = ['__version__']
