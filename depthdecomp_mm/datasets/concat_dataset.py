"""Metric and relative data sets side by side."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.dataset import ConcatDataset as _ConcatDataset

from depthdecomp_mm.registry import DATASETS


@DATASETS.register_module()
class ConcatDataset(_ConcatDataset):
    """MMEngine's ``ConcatDataset``, for data sets of different types and units.

    Each sample carries its own label type and unit, so that the data sets' meta information may
    differ in ``dataset_type`` and ``depth_unit``; that of the first one stands for the whole.

    Args:
        datasets (Sequence): Data sets or their configs.
        lazy_init (bool): Whether to load their lists later.
        ignore_keys (Sequence[str]): Keys of the meta information that may differ.
    """

    def __init__(
        self,
        datasets: Sequence,
        lazy_init: bool = False,
        ignore_keys: Sequence[str] = ('dataset_type', 'depth_unit'),
    ) -> None:
        super().__init__(datasets, lazy_init, list(ignore_keys))
