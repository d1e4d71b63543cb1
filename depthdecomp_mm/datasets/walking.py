"""What is below wrappers such as ConcatDataset and RepeatDataset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.structures import label_type_of

from .base_depth_dataset import BaseDepthDataset


def leaf_configs(dataset: dict, scope: str | None = None) -> Iterator[tuple[dict, str | None]]:
    """The configs of the data sets below wrappers, each with the scope in which it is built.

    Args:
        dataset: Config of a data set or a wrapper. A part that is None or built already is left
            out.
        scope: The scope around it.
    """
    scope = dataset.get('_scope_', scope)
    if 'datasets' not in dataset and 'dataset' not in dataset:
        yield dataset, scope
        return
    for part in _parts(dataset.get('datasets'), dataset.get('dataset')):
        if isinstance(part, dict):
            yield from leaf_configs(part, scope)


def buildable_configs(dataset: dict) -> list[dict]:
    """The configs of :func:`leaf_configs`, each with its scope in it, to be built alone."""
    return [dict(leaf, _scope_=scope) if scope else leaf for leaf, scope in leaf_configs(dataset)]


def first_metric_set(dataset: dict, pipeline: list) -> BaseDepthDataset:
    """Build the first training set of metric depth of a config, each image once.

    Args:
        dataset: As of :func:`leaf_configs`.
        pipeline: In place of its own.

    Raises:
        ConfigError: If there is none.
    """
    configs = buildable_configs(dataset)
    for config in configs:
        found = DATASETS.build(dict(config, pipeline=pipeline))
        if len(found) and label_type_of(found.get_data_info(0)) == 'metric':
            return found
    types = ', '.join(str(config.get('type')) for config in configs)
    raise ConfigError(f'the training set ({types}) holds no metric depth')


def leaf_datasets(dataset: Any) -> Iterator[BaseDepthDataset]:
    """Our data sets below wrappers; those of other packages are left out."""
    if isinstance(dataset, BaseDepthDataset):
        yield dataset
        return
    for part in _parts(getattr(dataset, 'datasets', None), getattr(dataset, 'dataset', None)):
        yield from leaf_datasets(part)


def _parts(several: Any, one: Any) -> list:
    parts = several.values() if isinstance(several, Mapping) else several or [one]
    return [part for part in parts if part is not None]
