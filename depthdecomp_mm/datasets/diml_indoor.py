"""DIML-Indoor."""

from __future__ import annotations

from pathlib import PurePosixPath

from depthdecomp_mm.registry import DATASETS

from .base_depth_dataset import BaseDepthDataset
from .pairing import Suffix


@DATASETS.register_module()
class DIMLIndoorDataset(BaseDepthDataset):
    """DIML-Indoor, filled depth in millimetres.

    Files ``<scene>/color/<id>_c.png`` and ``<scene>/depth_filled/<id>_depth_filled.png`` below
    ``{train,test}/{HR,LR}``; scene names hold dots and spaces.

    Args:
        ann_file: List of pairs, in place of the folders.
        split: ``'train'`` or ``'test'``; not used with ``ann_file`` or ``data_prefix``.
        resolution: ``'HR'`` or ``'LR'``; likewise.
        data_prefix: The folders.
        **kwargs: Arguments of :class:`BaseDepthDataset`.
    """

    METAINFO: dict = dict(dataset_type='diml_indoor', depth_unit='metre')
    PREPARED_BY: dict = {
        '*': 'tools/dataset_converters/diml_indoor.py checks a download and lists its pairs'
    }

    def __init__(
        self,
        ann_file: str = '',
        *,
        split: str = 'train',
        resolution: str = 'HR',
        data_prefix: dict | None = None,
        img_suffix: Suffix = '_c.png',
        depth_map_suffix: Suffix = '_depth_filled.png',
        depth_scale: float = 1000.0,
        min_depth: float = 1e-3,
        max_depth: float = 10.0,
        **kwargs,
    ) -> None:
        if data_prefix is None and not ann_file:
            folder = f'{split}/{resolution}'
            data_prefix = dict(img_path=folder, depth_map_path=folder)
        super().__init__(
            ann_file,
            data_prefix,
            img_suffix=img_suffix,
            depth_map_suffix=depth_map_suffix,
            depth_scale=depth_scale,
            min_depth=min_depth,
            max_depth=max_depth,
            **kwargs,
        )

    def pair_key(self, stem: str) -> str:
        """Take out the folder that tells colour from depth."""
        return sample_key(stem)


def sample_key(stem: str) -> str:
    """Scene and number, without the folder between them, which tells colour from depth."""
    path = PurePosixPath(stem)
    return str(path.parent.parent / path.name)
