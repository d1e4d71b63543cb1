"""The packages that must be there before anything else is imported."""

from importlib import import_module, metadata
from re import findall

# module: (lowest version that was tried, how to install it)
REQUIRED = {
    'torch': ('2.6.0', 'pip install torch'),
    'mmengine': ('0.10.4', 'pip install mmengine'),
    'mmcv': ('2.1.0', 'pip install mmcv-lite (or mmcv, with compiled operators)'),
    'timm': ('1.0.31', 'pip install timm torchvision'),
}


def installed_version(name: str) -> str:
    """Version of a module, without importing it where its distribution has the same name."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return import_module(name).__version__


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in findall(r'\d+', version.split('+')[0])[:3])


def check_requirements() -> None:
    """Compare the version of every required module with the lowest that was tried.

    Raises:
        ImportError: In one sentence, if a module is missing, cannot be imported or is too old.
    """
    for name, (minimum, how) in REQUIRED.items():
        try:
            found = installed_version(name)
        except Exception as error:  # a broken binary raises RuntimeError or OSError, too
            raise ImportError(
                f'depthdecomp_mm needs {name} >= {minimum}, and importing {name} failed '
                f'({type(error).__name__}: {error}): {how}'
            ) from error
        if _number(found) < _number(minimum):
            raise ImportError(
                f'depthdecomp_mm needs {name} >= {minimum} but found {found}: {how} --upgrade'
            )
