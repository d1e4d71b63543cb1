"""Where the files of a data set lie: in folders, in a database, on a server.

Whatever MMEngine's file backends read, in one way. Two of them know ``get`` alone, and have no
folders: for a database (LMDB) paths become keys, see :func:`address`; a server (HTTP) is asked for
URLs, see :func:`join`.
"""

from __future__ import annotations

import os
import posixpath
from urllib.parse import quote, unquote, urljoin

from mmengine import fileio
from mmengine.fileio.backends import BaseStorageBackend, HTTPBackend, LmdbBackend, LocalBackend
from mmengine.fileio.io import backend_instances

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.mmengine_internals import lmdb_environment

KEPT_IN_KEYS = ''.join(chr(code) for code in range(32, 127) if chr(code) != '%')
"""MMEngine's keys are ASCII; other characters, and ``%``, stand there as in a URL."""
NOT_FOUND = (404, 410)

_process = os.getpid()


def backend_of(path: str, backend_args: dict | None = None) -> BaseStorageBackend:
    """MMEngine's backend for a path, one for all that this process reads.

    A database must not be used on the other side of a fork: a worker process opens its own.

    Args:
        path: The path; a URL has a backend by its scheme.
        backend_args: Arguments of MMEngine's file backend.
    """
    global _process
    if _process != os.getpid():
        _process = os.getpid()
        backend_instances.clear()
    # in any order they are the same; the same database cannot be opened twice
    arguments = dict(sorted((backend_args or {}).items()))
    return fileio.get_file_backend(path, backend_args=arguments, enable_singleton=True)


def place_of(path: str, backend_args: dict | None = None) -> str:
    """A path as messages name it: of a database's file, with the database before it."""
    return posixpath.join(str((backend_args or {}).get('db_path', '')), path)


def join(folder: str, name: str, backend_args: dict | None = None) -> str:
    """The path of a name below a folder; on a server, a URL in which the name is quoted."""
    if '://' in name:
        return name
    backend = backend_of(folder, backend_args)
    if isinstance(backend, HTTPBackend):
        return urljoin(f'{folder.rstrip("/")}/', quote(name))
    return getattr(backend, 'join_path', posixpath.join)(folder, name)


def address(path: str, root: str | None, backend_args: dict | None = None) -> str:
    """What a backend finds a file by: its path, or in a database its path relative to a root.

    Args:
        path: As :func:`join` gives it.
        root: The folder in whose place the database stands; None for the current one.
        backend_args: Arguments of MMEngine's file backend.
    """
    if not isinstance(backend_of(path, backend_args), LmdbBackend):
        return path
    return quote(os.path.relpath(path, root or os.curdir), safe=KEPT_IN_KEYS)


def read(path: str, backend_args: dict | None = None) -> bytes:
    """Read a file.

    Args:
        path: Its :func:`address`.
        backend_args: Arguments of MMEngine's file backend.

    Raises:
        FileNotFoundError: If it is not there.
        OSError: If it cannot be read; names the file.
        ImportError: If the backend needs a package that is not installed.
    """
    place = place_of(path, backend_args)
    backend = backend_of(path, backend_args)
    if isinstance(backend, LocalBackend) and os.path.exists(path) and not os.path.isfile(path):
        # reading from a pipe would wait for ever
        raise OSError(f'{place}: cannot be read: found no regular file')
    try:
        content = backend.get(path)
    except (ImportError, MemoryError):
        raise
    except Exception as error:  # each backend has its own
        if isinstance(error, FileNotFoundError) or getattr(error, 'code', None) in NOT_FOUND:
            raise FileNotFoundError(f'{place}: file not found') from error
        raise OSError(f'{place}: cannot be read: {error}') from error
    if content is None:
        raise FileNotFoundError(f'{place}: file not found')
    return content


def list_files(
    folder: str, suffixes: tuple[str, ...], backend_args: dict | None = None
) -> list[str]:
    """The files of a folder and its subfolders that end in one of some suffixes, by relative path.

    Args:
        folder: Its :func:`address`.
        suffixes: The ends of the names.
        backend_args: Arguments of MMEngine's file backend.

    Raises:
        FileNotFoundError: If the folder is not there.
        SampleError: If the backend cannot tell what is in a folder.
    """
    backend = backend_of(folder, backend_args)
    if isinstance(backend, LmdbBackend):
        names = _keys_below(folder, backend)
        found = bool(names)
    elif hasattr(backend, 'list_dir_or_file'):
        found = backend.isdir(folder)
        names = backend.list_dir_or_file(folder, list_dir=False, recursive=True) if found else ()
    else:
        raise SampleError(
            f'{folder}: {type(backend).__name__} cannot list a folder: expected a list of the '
            'files (ann_file)'
        )
    if not found:
        raise FileNotFoundError(f'folder not found: {place_of(folder, backend_args)}')
    return [name for name in names if name.endswith(suffixes)]


def _keys_below(folder: str, backend: LmdbBackend) -> list[str]:
    prefix = b'' if folder == os.curdir else f'{folder}/'.encode()
    names = []
    with lmdb_environment(backend).begin() as transaction, transaction.cursor() as cursor:
        cursor.set_range(prefix)
        for key in cursor.iternext(keys=True, values=False):
            if not key.startswith(prefix):
                break
            names.append(unquote(key[len(prefix) :].decode()))
    return names


def check(backend_args: dict | None) -> None:
    """Make sure that a database is there and whole; other backends pass.

    A process that reads beyond the end of a file that was copied in part is killed without a word.

    Raises:
        FileNotFoundError: If there is none.
        SampleError: If it was cut off.
        ImportError: If LMDB's package is not installed.
    """
    if (backend_args or {}).get('backend') != 'lmdb':
        return
    path = backend_args['db_path']
    try:
        environment = lmdb_environment(backend_of('', backend_args))
    except ImportError:
        raise
    except Exception as error:
        raise FileNotFoundError(
            f'{path}: no LMDB database ({error}); tools/dataset_converters/to_lmdb.py makes one'
        ) from error
    expected = (environment.info()['last_pgno'] + 1) * environment.stat()['psize']
    found = os.path.getsize(path if os.path.isfile(path) else os.path.join(path, 'data.mdb'))
    if found < expected:
        raise SampleError(
            f'{path}: truncated database, found {found} bytes, expected {expected}: copy it again'
        )
