"""The files of data sets into an LMDB database, as MMEngine's backend reads it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from depthdecomp_mm.datasets.base_depth_dataset import FILE_KEYS, BaseDepthDataset
from depthdecomp_mm.datasets.storage import address
from depthdecomp_mm.datasets.transforms.decoding import read_bytes
from depthdecomp_mm.errors import ConfigError, OutputError, SampleError, faults_of
from depthdecomp_mm.files import partial_of
from depthdecomp_mm.progress import Progress
from depthdecomp_mm.registry import DATASETS

AT_ONCE = 256
"""Files that are read, and then written, together."""
READERS = 16
MAP_SIZE = 2**30
LONGEST_KEY = 511
SHOWN = 3


def files_of(config: dict) -> tuple[str, list[str]]:
    """The root of a data set, and the files that it reads: its list, images and all kinds of maps.

    Args:
        config: Of one of our data sets, of plain files.

    Raises:
        ConfigError: If the data set cannot be built, is of another package, has no ``data_root`` or
            is read by a backend already.
    """
    name = f'data set {config.get("type")}'
    with faults_of(name):
        dataset = DATASETS.build(dict(config, pipeline=[], serialize_data=False))
    if not isinstance(dataset, BaseDepthDataset):
        raise ConfigError(f'{name}: expected one of this package, whose files are known')
    if dataset.backend_args:
        raise ConfigError(f'{name}: expected plain files, found backend_args')
    if not dataset.data_root:
        raise ConfigError(f'{name}: has no data_root, in whose place the database would stand')
    infos = map(dataset.get_data_info, range(len(dataset)))
    paths = [info[key] for info in infos for key in FILE_KEYS if info.get(key)]
    return dataset.data_root, [dataset.ann_file] * bool(dataset.ann_file) + paths


def files_below(root: Path) -> list[str]:
    """All files of a folder but the hidden ones."""
    return [
        os.path.join(folder, name)
        for folder, _, names in os.walk(root, followlinks=True)
        for name in names
        if not name.startswith('.')
    ]


def keys_of(paths: Iterable[str], root: str, out: Path) -> dict[str, str]:
    """The files by the keys under which a data set looks for them in the database.

    Args:
        paths: The files.
        root: ``data_root`` of the data set.
        out: The database.

    Raises:
        SampleError: If there is no file, some are missing, or a key would be too long.
    """
    backend_args = dict(backend='lmdb', db_path=str(out))
    files = {address(path, root, backend_args): path for path in dict.fromkeys(paths)}
    missing = [path for path in files.values() if not os.path.isfile(path)]
    if missing:
        raise SampleError(
            f'{root}: {len(missing)} of {len(files)} files are missing, the first: '
            f'{missing[:SHOWN]}'
        )
    if not files:
        raise SampleError(f'{root}: found no files')
    longest = max(files, key=len)
    if len(longest) > LONGEST_KEY:
        raise SampleError(
            f'{files[longest]}: its key would have {len(longest)} bytes, LMDB takes {LONGEST_KEY}'
        )
    return files


def pack(files: Mapping[str, str], out: Path, map_size: int = MAP_SIZE) -> int:
    """Write files to a database, whole or not at all.

    Args:
        files: Paths by key.
        out: The database, a folder that is not there yet.
        map_size: How much it may hold at first, in bytes; it grows as needed.

    Returns:
        Its size in bytes.

    Raises:
        SampleError: If a file cannot be read.
        OutputError: If the database cannot be written, or is there.
        ImportError: If LMDB's package is not installed.
    """
    import lmdb

    partial = partial_of(out)
    content = partial / 'data.mdb'
    shutil.rmtree(partial, ignore_errors=True)  # what a killed run has left
    try:
        partial.mkdir(parents=True)
        # nobody else reads or writes it yet, and one flush to the disk is enough
        with lmdb.open(str(partial), map_size, lock=False, sync=False) as database:
            begun = content.stat()
            _fill(database, files)
            database.sync(True)
            if not os.path.samestat(begun, content.stat()):
                raise OutputError(f'{out}: another run writes it, too')
            size = content.stat().st_size
        os.rename(partial, out)  # raises if it is there by now
    except (lmdb.Error, OSError) as error:
        raise OutputError(f'{out}: cannot be written: {error}') from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return size


def _fill(database: Any, files: Mapping[str, str]) -> None:
    keys = sorted(files)
    bar = Progress(len(keys))
    with ThreadPoolExecutor(READERS) as readers:
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            contents = readers.map(read_bytes, (files[key] for key in some))
            _put(database, dict(zip(some, contents, strict=True)))
            bar.update(len(some))
    bar.close()


def _put(database: Any, contents: Mapping[str, bytes]) -> None:
    import lmdb

    while True:
        try:
            with database.begin(write=True) as transaction:
                for key, content in contents.items():
                    transaction.put(key.encode(), content)
            return
        except lmdb.MapFullError:
            database.set_mapsize(2 * database.info()['map_size'])
