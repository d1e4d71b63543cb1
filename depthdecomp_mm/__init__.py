"""Monocular metric depth by depth map decomposition (Jun et al., ECCV 2022) for MMEngine."""

from .requirements import check_requirements
from .version import __version__

check_requirements()

from .config_names import register_config_names  # noqa: E402
from .safe_globals import allow_mmengine_checkpoints  # noqa: E402

register_config_names()
allow_mmengine_checkpoints()

__all__ = ['__version__']
