"""Loading of what metrics of edges and planes need."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from depthdecomp_mm.registry import TRANSFORMS

from .decoding import read_map


@TRANSFORMS.register_module()
class LoadEdgesAndPlanes(BaseTransform):
    """Load masks that lie in folders beside that of the depth maps, under the same names.

    The defaults are the folders of iBims-1 (``ibims1_core_raw``). It comes after
    :class:`LoadDepthAnnotation`, in the pipeline of a test: no transform flips or crops the masks.

    Required Keys:

    - depth_map_path
    - gt_depth_map
    - gt_valid_mask
    - backend_args (optional)

    Modified Keys:

    - gt_valid_mask: also False where one of ``valid`` is 0

    Added Keys:

    - gt_edge_mask: (H, W) bool
    - gt_plane_mask: (H, W) int32; 1, 2 and so on for each plane, 0 elsewhere

    Args:
        edges: Folder of masks that are above 0 at edges.
        planes: Folders of masks that number planes from 1 on.
        valid: Folders of masks that are 0 where depth does not count.
    """

    def __init__(
        self,
        edges: str = 'edges',
        planes: Sequence[str] = ('mask_wall', 'mask_table', 'mask_floor'),
        valid: Sequence[str] = ('mask_invalid', 'mask_transp'),
    ) -> None:
        self.edges, self.planes, self.valid = edges, tuple(planes), tuple(valid)

    def transform(self, results: dict) -> dict:
        """Load the masks.

        Raises:
            SampleError: If one is missing, damaged, or not of the size of the depth map.
        """
        results['gt_edge_mask'] = self._read(self.edges, results) > 0
        planes = np.zeros(results['gt_depth_map'].shape, np.int32)
        for folder in self.planes:
            found = self._read(folder, results).astype(np.int32)
            planes = np.where(found > 0, found + planes.max(), planes)
        results['gt_plane_mask'] = planes
        for folder in self.valid:
            results['gt_valid_mask'] = results['gt_valid_mask'] & (self._read(folder, results) > 0)
        return results

    @staticmethod
    def _read(folder: str, results: dict) -> np.ndarray:
        beside, name = posixpath.split(results['depth_map_path'])
        path = posixpath.join(posixpath.dirname(beside), folder, name)
        shape = results['gt_depth_map'].shape
        return read_map(path, results.get('backend_args'), shape, 'the depth map')

    def __repr__(self) -> str:
        parts = f'edges={self.edges!r}, planes={self.planes}, valid={self.valid}'
        return f'{type(self).__name__}({parts})'
