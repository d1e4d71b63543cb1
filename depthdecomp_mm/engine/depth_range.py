"""One place in a config for the range of depth."""

from __future__ import annotations

import inspect

from mmengine.config import Config

from depthdecomp_mm.datasets import BaseDepthDataset
from depthdecomp_mm.datasets.walking import leaf_configs
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.registry import DATASETS

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
KEYS = ('min_depth', 'max_depth')


def spread_depth_range(cfg: Config) -> None:
    """Move the config's ``depth_range`` into the model and the metric data sets, in place.

    ``depth_range = dict(min_depth=1e-3, max_depth=10.0)``, in metres, is what depth is trained,
    predicted and evaluated in. A model or data set that states a limit of its own keeps it; metrics
    take theirs from the data set. A config without ``depth_range`` stays as it is.

    Raises:
        ConfigError: If ``depth_range`` has other keys.
    """
    limits = cfg.pop('depth_range', None)
    if not limits:
        return
    if not isinstance(limits, dict) or not set(limits) <= set(KEYS):
        raise ConfigError(f'depth_range: expected a dict of {KEYS}, found {limits}')
    owners = [cfg.model] if isinstance(cfg.get('model'), dict) else []
    for loader in LOADERS:
        dataset = cfg[loader].get('dataset') if isinstance(cfg.get(loader), dict) else None
        if isinstance(dataset, dict):
            owners += _metric_sets(dataset, cfg.get('default_scope'))
    for owner in owners:
        for key, value in limits.items():
            owner.setdefault(key, value)


def _metric_sets(dataset: dict, scope: str | None) -> list[dict]:
    """The configs of our data sets with labels in metres."""
    found = []
    for leaf, own_scope in leaf_configs(dataset, scope):
        owner = _our_class(leaf.get('type'), own_scope)
        if owner is None:
            continue
        stated = inspect.signature(owner).parameters.get('label_type')
        if leaf.get('label_type', stated.default if stated else 'metric') == 'metric':
            found.append(leaf)
    return found


def _our_class(name: object, scope: str | None) -> type[BaseDepthDataset] | None:
    """A data set's class, if it is of this package; nothing is imported to find it."""
    if not isinstance(name, str):
        owner = name
    else:
        prefix, _, own = name.rpartition('.')
        ours = (prefix or scope or DATASETS.scope) == DATASETS.scope
        owner = DATASETS.module_dict.get(own) if ours else None
    return owner if inspect.isclass(owner) and issubclass(owner, BaseDepthDataset) else None
