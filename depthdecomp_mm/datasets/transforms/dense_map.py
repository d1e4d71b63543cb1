"""A dense map in metres from a relative one and the depths that were measured."""

from __future__ import annotations

import logging

import numpy as np
from mmengine.logging import print_log

from depthdecomp_mm.datasets.relative_fit import FitError, fit_relative_map
from depthdecomp_mm.datasets.shared_count import SharedCount
from depthdecomp_mm.structures import valid_pixels

from .decoding import read_map


class DenseMapFitter:
    """Fits the relative map of a sample to its measured pixels.

    This is done while a sample is loaded, on the full resolution of its map: later crops would
    leave fewer points, and the fit waits for no GPU there. Where it fails, the sample stays without
    a dense map, and a warning says why: at the first, second, fourth, eighth ... failure.

    Attributes:
        failures: Fits that failed, in all worker processes.
    """

    def __init__(self) -> None:
        self.failures = SharedCount()

    def add_dense_map(self, results: dict, backend_args: dict | None) -> None:
        """Add ``gt_dense_map``, or ``fit_problem``, to a sample with its depth loaded.

        Args:
            results: With ``gt_depth_map``, ``gt_valid_mask`` and ``relative_map_path``, and
                optionally ``relative_mask_path``, ``relative_encoding``, ``min_depth`` and
                ``max_depth``.
            backend_args: Arguments of MMEngine's file backend.

        Raises:
            SampleError: If a file is missing or damaged, or has another size than the depth map.
        """
        depth, valid = results['gt_depth_map'], results['gt_valid_mask']
        relative = _read(results['relative_map_path'], backend_args, depth)
        mask_path = results.get('relative_mask_path')
        mask = None if mask_path is None else _read(mask_path, backend_args, depth) > 0
        known = valid_pixels(relative, mask)
        try:
            dense = fit_relative_map(
                relative, known, depth, valid, results.get('relative_encoding', 'code')
            )
        except FitError as error:
            results['fit_problem'] = f'{results["relative_map_path"]}: {error}'
            self._count(results['fit_problem'])
            return
        low, high = results.get('min_depth') or 0, results.get('max_depth') or np.inf
        results['gt_dense_map'] = np.where((dense >= low) & (dense <= high), dense, np.float32(0))

    def _count(self, problem: str) -> None:
        failures = self.failures.add()
        if failures.bit_count() == 1:
            message = f'relative map does not fit ({failures} so far in this process): {problem}'
            print_log(message, logger='current', level=logging.WARNING)


def _read(path: str, backend_args: dict | None, depth: np.ndarray) -> np.ndarray:
    stored = read_map(path, backend_args, depth.shape, 'the depth map')
    with np.errstate(over='ignore'):
        return stored.astype(np.float32)
