"""The labelled file of NYUv2 (MATLAB 7.3, that is HDF5) and its official split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from ..errors import SampleError

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
        missing = [name for name in self.ARRAYS if name not in self._file]
        if missing:
            raise SampleError(f'{path}: has no {", ".join(missing)}, found {sorted(self._file)}')

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
        references = np.ravel(self._file[name][()])
        return [''.join(map(chr, np.ravel(self._file[reference][()]))) for reference in references]

    def _slice(self, name: str, index: int) -> np.ndarray:
        try:
            return self._file[name][index]
        except OSError as error:
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
    """Read arrays of a MATLAB file (version 7 or older)."""
    try:
        content = loadmat(path, variable_names=names)
    except (ValueError, TypeError, NotImplementedError, MatReadError, EOFError) as error:
        raise SampleError(f'{path}: not a MATLAB 5 to 7 file: {error}') from error
    missing = [name for name in names if name not in content]
    if missing:
        raise SampleError(f'{path}: has no {", ".join(missing)}')
    return content
