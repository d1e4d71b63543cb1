"""KITTI."""

from __future__ import annotations

import re

from depthdecomp_mm.registry import DATASETS

from .base_depth_dataset import BaseDepthDataset

RAW_DRIVE = re.compile(r'(\d{4}_\d\d_\d\d)_drive_\d{4}_sync/image_')


@DATASETS.register_module()
class KITTIDataset(BaseDepthDataset):
    """KITTI's street scenes, LiDAR depth in 1/256 m at a part of the pixels.

    Files ``<date>/<drive>/image_02/data/<frame>.png`` of the raw recordings and
    ``<drive>/proj_depth/groundtruth/image_02/<frame>.png`` of the annotated depth, by the lists of
    ``tools/dataset_converters/kitti.py``, or by BTS's where ``data_prefix`` names the folders of
    images and depth. BTS's lists name images with or without the date before their drive.

    Args:
        ann_file: List of lines ``image depth [focal]``.
        **kwargs: Arguments of :class:`BaseDepthDataset`.
    """

    METAINFO: dict = dict(dataset_type='kitti', depth_unit='metre')
    PREPARED_BY: dict = {'*': 'tools/dataset_converters/kitti.py checks a download and lists it'}

    def __init__(
        self,
        ann_file: str,
        *,
        depth_scale: float = 256.0,
        min_depth: float = 1e-3,
        max_depth: float = 80.0,
        sparse: bool = True,
        **kwargs,
    ) -> None:
        super().__init__(
            ann_file,
            depth_scale=depth_scale,
            min_depth=min_depth,
            max_depth=max_depth,
            sparse=sparse,
            **kwargs,
        )

    def list_path(self, path: str) -> str:
        """Put the date before an image's drive, and take off the slash that a path begins with."""
        path = path.lstrip('/')
        drive = RAW_DRIVE.match(path)
        return f'{drive[1]}/{path}' if drive else path
