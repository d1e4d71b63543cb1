"""Metric and relative data sets side by side."""

from __future__ import annotations

from collections.abc import Sequence

from mmengine.dataset import ConcatDataset as _ConcatDataset
from mmengine.registry import DATASETS as ALL_DATASETS

from depthdecomp_mm.registry import DATASETS


@DATASETS.register_module()
class ConcatDataset(_ConcatDataset):
    """MMEngine's ``ConcatDataset``, for data sets of different types, units and toolboxes.

    Each sample carries its own label type and unit, so that the data sets' meta information may
    differ; that of the first one stands for the whole.

    Args:
        datasets (Sequence): Data sets or their configs.
        lazy_init (bool): Whether to load their lists later.
        ignore_keys (Sequence[str], optional): Keys of the meta information that may differ; all by
            default.
    """

    def __init__(
        self,
        datasets: Sequence,
        lazy_init: bool = False,
        ignore_keys: Sequence[str] | None = None,
    ) -> None:
        datasets = [ALL_DATASETS.build(d) if isinstance(d, dict) else d for d in datasets]
        if ignore_keys is None:
            ignore_keys = {key for dataset in datasets for key in dataset.metainfo}
        super().__init__(datasets, lazy_init, list(ignore_keys))
