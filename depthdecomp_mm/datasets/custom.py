"""Data sets of the user's own."""

from __future__ import annotations

from depthdecomp_mm.registry import DATASETS

from .base_depth_dataset import BaseDepthDataset


@DATASETS.register_module()
class CustomDepthDataset(BaseDepthDataset):
    """Any list file or folders of images with depth maps; see :class:`BaseDepthDataset`.

    ``depth_scale`` has no default, since a wrong one would go unnoticed.
    """

    METAINFO: dict = dict(dataset_type='custom', depth_unit='metre')
