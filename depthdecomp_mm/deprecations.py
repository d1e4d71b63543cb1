"""Deprecation warnings that a user can do nothing about."""

from __future__ import annotations

import warnings

LIBRARIES = ('mmcv', 'mmengine', 'timm', 'torch', 'torchvision')


def ignore_deprecations_within_libraries() -> None:
    """Show no deprecation warning of what one library calls in another, or in itself.

    A warning belongs to the module that calls what is deprecated: those of other modules, such as a
    user's own, are shown as before. Worker processes that are forked inherit this.
    """
    module = rf'({"|".join(LIBRARIES)})(\.|$)'
    for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.filterwarnings('ignore', category=category, module=module)
    # setuptools gives it the category of warnings for users
    warnings.filterwarnings('ignore', 'pkg_resources is deprecated', UserWarning, module)
