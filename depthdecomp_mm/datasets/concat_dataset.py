"""Metric and relative data sets side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmengine.dataset import ConcatDataset as _ConcatDataset

from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.registry import DATASETS

from .base_depth_dataset import EVALUATION_KEYS


@DATASETS.register_module()
class ConcatDataset(_ConcatDataset):
    """MMEngine's ``ConcatDataset``, for data sets of different types and toolboxes, by name.

    Each sample carries its own label type and unit, so that the data sets' meta information may
    differ; that of the first one stands for the whole, and that of the first with labels in metres
    for what metrics go by. Of that, ``differing_keys`` names what is not the same in all sets, so
    that no metric goes by it.

    Args:
        datasets: Data sets or their configs by name, such as ``dict(metric=..., relative=...)``. A
            set of None is left out.
        lazy_init: Whether to load their lists later.
        ignore_keys: Keys of the meta information that may differ; all by default.

    Attributes:
        names: The names, in the order of MMEngine's list ``datasets``.

    Raises:
        ConfigError: If the data sets have no names, or there is none.
    """

    def __init__(
        self,
        datasets: Mapping,
        lazy_init: bool = False,
        ignore_keys: Sequence[str] | None = None,
    ) -> None:
        parts = named_parts(datasets)
        self.names = tuple(parts)
        allowed = _Everything() if ignore_keys is None else list(ignore_keys)
        super().__init__(list(parts.values()), lazy_init, allowed)
        self._metainfo |= _evaluation([dataset.metainfo for dataset in self.datasets])


class _Everything(list):
    def __contains__(self, _: object) -> bool:
        return True


def _evaluation(metas: list[dict]) -> dict:
    metric = [meta for meta in metas if meta.get('depth_unit') != 'unitless'] or metas
    found = {key: metric[0].get(key) for key in EVALUATION_KEYS}
    # disparities have no range
    sets = dict.fromkeys(EVALUATION_KEYS, metric) | dict(eval_crop=metas)
    differing = {key for key in sets if any(meta.get(key) != found[key] for meta in sets[key])}
    for meta in metas:  # of concatenations in this one
        differing |= set(meta.get('differing_keys', ()))
    return dict(found, differing_keys=sorted(differing))


def named_parts(datasets: Mapping) -> dict:
    """The data sets that are not None, by name.

    Raises:
        ConfigError: If they have no names, or there is none.
    """
    if not isinstance(datasets, Mapping):
        raise ConfigError(
            f'ConcatDataset: datasets is a {type(datasets).__name__}; data sets have names now, so '
            'that a child config states what differs: '
            'datasets=dict(metric=dict(...), relative=dict(...))'
        )
    parts = {name: part for name, part in datasets.items() if part is not None}
    if not parts:
        raise ConfigError(f'ConcatDataset: no data set, found {dict(datasets)}')
    return parts
