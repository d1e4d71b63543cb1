"""Names of shipped configs, as ``depthdecomp_mm::depthdecomp/nyu_51k.py``, and their files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from threading import RLock

import yaml
from mmengine.config import Config
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.fileio.handlers import YamlHandler, file_handlers

from .mmengine_internals import config_readers, replace_config_readers

PACKAGE = Path(__file__).resolve().parent
PREFIX = 'depthdecomp_mm::'
_READING = RLock()


def config_folder() -> Path:
    """The folder of the shipped configs: the checkout's, or the one in the installed package."""
    checkout = PACKAGE.parent / 'configs'
    return checkout if (checkout / 'depthdecomp').is_dir() else PACKAGE / '.mim' / 'configs'


def find_config(name: str | Path) -> str:
    """The path of a config file.

    Args:
        name: A path, or the name of a shipped config, with or without prefix:
            ``'depthdecomp_mm::depthdecomp/nyu_51k.py'`` or ``'depthdecomp/nyu_51k.py'``.

    Raises:
        FileNotFoundError: If there is no such config.
    """
    name = str(name)
    if not name.startswith(PREFIX) and Path(name).is_file():
        return name
    shipped = config_folder() / name.removeprefix(PREFIX)
    if shipped.is_file():
        return str(shipped)
    raise FileNotFoundError(f'no config {name}, nor {shipped}')


def load_config(path: str | Path) -> Config:
    """Read a config file; YAML is plain data, in which no tag calls a function.

    Threads read one after the other: what reads YAML is set for the whole process, and CPython 3.11
    at times takes a file that one thread parses beside another for nested too deeply
    (https://github.com/python/cpython/issues/106905).

    Args:
        path: Path of the config, or the name of a shipped one.

    Raises:
        FileNotFoundError: If there is no such config. Broken ones raise whatever they run into.
    """
    with _READING, _plain_yaml():
        return Config.fromfile(find_config(path))


class _PlainYaml(YamlHandler):
    """Reads YAML without Python's objects."""

    def load_from_fileobj(self, file, **kwargs):
        return yaml.safe_load(file)


@contextmanager
def _plain_yaml() -> Iterator[None]:
    """Only while we read: a host project's configs are its own."""
    formats = ('yaml', 'yml')
    before = {name: file_handlers[name] for name in formats}
    file_handlers.update(dict.fromkeys(formats, _PlainYaml()))
    try:
        yield
    finally:
        file_handlers.update(before)


def register_config_names() -> None:
    """Let MMEngine resolve our names in ``Config.fromfile`` and in ``_base_``.

    MMEngine resolves ``package::name`` in ``_base_`` only, for packages of its own list, and finds
    no configs of a package that is installed in editable mode. Names that start with
    ``depthdecomp_mm::`` are therefore turned into paths before MMEngine sees them; it treats all
    others as it always does. Calling this twice changes nothing.
    """
    MODULE2PACKAGE.setdefault('depthdecomp_mm', 'depthdecomp_mm')
    if hasattr(Config.fromfile, 'resolves_depthdecomp_mm'):
        return
    fromfile, get_cfg_path = config_readers()

    @wraps(fromfile)
    def fromfile_by_name(filename, *args, **kwargs):
        if str(filename).startswith(PREFIX):
            filename = find_config(filename)
        return fromfile(filename, *args, **kwargs)

    @wraps(get_cfg_path)
    def get_cfg_path_by_name(cfg_path, filename):
        if cfg_path.startswith(PREFIX):
            return find_config(cfg_path), 'depthdecomp_mm'
        return get_cfg_path(cfg_path, filename)

    fromfile_by_name.resolves_depthdecomp_mm = True
    replace_config_readers(fromfile_by_name, get_cfg_path_by_name)
