"""SUN RGB-D."""

from __future__ import annotations

from depthdecomp_mm.registry import DATASETS

from .base_depth_dataset import BaseDepthDataset


@DATASETS.register_module()
class SUNRGBDDataset(BaseDepthDataset):
    """SUN RGB-D: millimetres in 16 bits, the three lowest of them rotated to the top.

    Args:
        ann_file: List of lines ``image depth_bfx``, relative to ``data_root``.
        **kwargs: Arguments of :class:`BaseDepthDataset`.
    """

    METAINFO: dict = dict(dataset_type='sunrgbd', depth_unit='metre')
    PREPARED_BY: dict = {
        '*': 'tools/dataset_converters/sunrgbd.py checks a download and lists its pairs'
    }

    def __init__(
        self,
        ann_file: str,
        *,
        depth_scale: float = 1000.0,
        depth_encoding: str = 'sunrgbd',
        min_depth: float = 1e-3,
        max_depth: float = 10.0,
        **kwargs,
    ) -> None:
        super().__init__(
            ann_file,
            depth_scale=depth_scale,
            depth_encoding=depth_encoding,
            min_depth=min_depth,
            max_depth=max_depth,
            **kwargs,
        )
