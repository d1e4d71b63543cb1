"""Monocular metric depth by depth map decomposition (Jun et al., ECCV 2022) for MMEngine."""

from .requirements import check_requirements
from .version import __version__

check_requirements()

from .engine import checkpoint as _checkpoint  # noqa: E402

_checkpoint.allow_mmengine_checkpoints()

__all__ = ['__version__']
