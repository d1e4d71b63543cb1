"""NYU Depth V2."""

from __future__ import annotations

from pathlib import PurePosixPath

from depthdecomp_mm.registry import DATASETS

from .base_depth_dataset import BaseDepthDataset


@DATASETS.register_module()
class NYUDataset(BaseDepthDataset):
    """NYU Depth V2 in its synchronised layout, depth in millimetres.

    Files ``<scene>/rgb_<number>.jpg`` and ``<scene>/sync_depth_<number>.png``; the usual lists
    start their paths with a slash, which is not the file system's root here.

    Args:
        ann_file: List file; when empty, all pairs below ``data_prefix`` are taken.
        **kwargs: Arguments of :class:`BaseDepthDataset`.
    """

    METAINFO: dict = dict(dataset_type='nyu_v2', depth_unit='metre')
    PREPARED_BY: dict = {
        'nyu_795_train.txt': 'tools/dataset_converters/nyu_labeled.py writes it',
        'nyu_test.txt': 'tools/dataset_converters/nyu_labeled.py writes it',
        'nyu_*_train.txt': 'tools/dataset_converters/nyu_raw.py writes it',
        'nyudepthv2_*': 'it comes with the code of BTS, for the synchronised set',
        't*.txt': 'tools/dataset_converters/make_rooms.py writes it for the embedded rooms',
        '*': 'tools/dataset_converters/nyu_raw.py and nyu_labeled.py make NYUv2',
    }

    def __init__(
        self,
        ann_file: str = '',
        *,
        depth_scale: float = 1000.0,
        min_depth: float = 1e-3,
        max_depth: float = 10.0,
        **kwargs,
    ) -> None:
        super().__init__(
            ann_file, depth_scale=depth_scale, min_depth=min_depth, max_depth=max_depth, **kwargs
        )

    def list_path(self, path: str) -> str:
        """Take off the slash that paths in BTS's lists begin with."""
        return path.lstrip('/')

    def pair_key(self, stem: str) -> str:
        """Take off the prefix that tells colour from depth."""
        path = PurePosixPath(stem)
        return str(path.with_name(path.name.removeprefix('rgb_').removeprefix('sync_depth_')))
