"""The labelled file of NYUv2 (MATLAB 7.3, that is HDF5) and its official split."""

from __future__ import annotations

import faulthandler
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from depthdecomp_mm.datasets.transforms.decoding import MAX_PIXELS
from depthdecomp_mm.errors import SampleError

FOCAL_LENGTH = 518.8579
"""Pixels; the third field of the synchronised set's list lines."""


class LabeledFile:
    """``nyu_depth_v2_labeled.mat``, read image by image.

    Args:
        path: The file.

    Raises:
        ImportError: If h5py is not installed.
        SampleError: If the file is not HDF5 or lacks one of the arrays.
    """

    ARRAYS = ('images', 'depths', 'rawDepths', 'scenes', 'sceneTypes', 'rawRgbFilenames')

    def __init__(self, path: str | Path) -> None:
        try:
            import h5py
        except ImportError as error:
            raise ImportError(
                'the labelled NYUv2 file is HDF5, which needs h5py: '
                'pip install depthdecomp_mm[converters] (or pip install h5py)'
            ) from error
        self.path = Path(path)
        with self.path.open('rb') as file:
            head = file.read(64)
        if not h5py.is_hdf5(self.path):
            raise SampleError(
                f'{path}: not an HDF5 file (begins with {head[:20]!r}), expected '
                'nyu_depth_v2_labeled.mat in MATLAB 7.3 format, downloaded to its end'
            )
        try:
            self._file = h5py.File(self.path, 'r')
        except OSError as error:
            raise SampleError(f'{path}: damaged or cut off: {error}') from error
        try:
            found = sorted(self._file)
            missing = [name for name in self.ARRAYS if name not in self._file]
        except Exception as error:  # as in _shape
            raise SampleError(f'{path}: its list of arrays is damaged: {error}') from error
        if missing:
            raise SampleError(f'{path}: has no {", ".join(missing)}, found {found}')
        shapes = {name: self._shape(name) for name in self.ARRAYS[:3]}
        count, channels, *size = shapes['images'] if len(shapes['images']) == 4 else (0, 0)
        if channels != 3 or {shapes['depths'], shapes['rawDepths']} != {(count, *size)}:
            raise SampleError(
                f'{path}: found arrays of {shapes}, expected images (N, 3, W, H) and depths and '
                'rawDepths (N, W, H)'
            )
        if np.prod(size, dtype=object) > MAX_PIXELS:
            raise SampleError(
                f'{path}: found images of {size}, expected {MAX_PIXELS} pixels at most'
            )

    def _shape(self, name: str) -> tuple[int, ...]:
        try:
            return tuple(self._file[name].shape)
        except Exception as error:  # a damaged file raises whatever the library runs into
            raise SampleError(f'{self.path}: {name} is damaged: {error}') from error

    def __enter__(self) -> LabeledFile:
        return self

    def __exit__(self, *_) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._file['images'])

    def image(self, index: int) -> np.ndarray:
        """(H, W, 3) uint8, BGR."""
        return np.ascontiguousarray(self._slice('images', index).T[..., ::-1])

    def depth(self, index: int, raw: bool) -> np.ndarray:
        """(H, W) float32 metres; filled, or ``raw`` with 0 where not measured."""
        return np.ascontiguousarray(self._slice('rawDepths' if raw else 'depths', index).T)

    def strings(self, name: str) -> list[str]:
        """One string an image, each an object reference to an array of characters."""
        try:
            references = np.ravel(self._file[name][()])
            strings = [''.join(map(chr, np.ravel(self._file[ref][()]))) for ref in references]
        except Exception as error:  # as in _shape
            raise SampleError(f'{self.path}: {name} cannot be read: {error}') from error
        if len(strings) != len(self):
            raise SampleError(
                f'{self.path}: found {len(strings)} {name}, expected one for each of the '
                f'{len(self)} images'
            )
        return strings

    def _slice(self, name: str, index: int) -> np.ndarray:
        try:
            return self._file[name][index]
        except Exception as error:  # as in _shape
            raise SampleError(f'{self.path}: {name}[{index}] cannot be read: {error}') from error


def read_splits(path: str | Path, total: int) -> dict[str, np.ndarray]:
    """Read the official split.

    Args:
        path: ``splits.mat`` with ``trainNdxs`` and ``testNdxs``, counted from 1.
        total: Number of images of the labelled file.

    Returns:
        Indices counted from 0, ascending, under ``'train'`` and ``'test'``.

    Raises:
        SampleError: If the file is not MATLAB's, lacks an array or names images that are not there
            or are in both parts.
    """
    content = read_mat(path, ('trainNdxs', 'testNdxs'))
    for name in ('trainNdxs', 'testNdxs'):
        array = np.asarray(content[name])
        if array.dtype.kind not in 'uif' or not array.size:
            raise SampleError(f'{path}: {name} is {array.dtype} of {array.shape}, expected indices')
    parts = {
        part: np.sort(np.ravel(content[f'{part}Ndxs']).astype(int)) - 1
        for part in ('train', 'test')
    }
    both = np.concatenate(list(parts.values()))
    if both.min() < 0 or both.max() >= total or len(np.unique(both)) != len(both):
        raise SampleError(
            f'{path}: indices from {both.min() + 1} to {both.max() + 1}, '
            f'{len(both) - len(np.unique(both))} of them double; expected each of 1 to {total} at '
            'most once'
        )
    return parts


def read_mat(path: str | Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Read arrays of a MATLAB file (version 7 or older).

    It is read in a process of its own, since SciPy's reader crashes on some damaged files.
    """
    try:
        with ProcessPoolExecutor(1, get_context('fork')) as pool:
            content = pool.submit(_load_mat, str(path), names).result()
    except BrokenProcessPool as error:
        raise SampleError(f'{path}: damaged, it made the reader crash') from error
    except Exception as error:  # a damaged file raises whatever the reader runs into
        raise SampleError(f'{path}: not a MATLAB 5 to 7 file: {error}') from error
    missing = [name for name in names if name not in content]
    if missing:
        raise SampleError(f'{path}: has no {", ".join(missing)}')
    return content


def _load_mat(path: str, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    faulthandler.disable()  # the parent says in a sentence what happened
    content = loadmat(path, variable_names=names)
    return {name: content[name] for name in names if name in content}
