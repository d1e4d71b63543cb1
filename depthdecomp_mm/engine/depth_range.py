"""One place in a config for the range of depth."""

from __future__ import annotations

import inspect

from mmengine.config import Config
from mmengine.registry import DATASETS

from depthdecomp_mm.datasets import BaseDepthDataset
from depthdecomp_mm.datasets.walking import leaf_configs
from depthdecomp_mm.errors import ConfigError

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
KEYS = ('min_depth', 'max_depth')


def spread_depth_range(cfg: Config) -> None:
    """Give the model and the metric data sets the config's ``depth_range``, in place.

    ``depth_range = dict(min_depth=1e-3, max_depth=10.0)``, in metres, is what depth is trained,
    predicted and evaluated in. A model or data set that states a limit of its own keeps it; metrics
    take theirs from the data set. A config without ``depth_range`` stays as it is.

    Raises:
        ConfigError: If ``depth_range`` has other keys.
    """
    limits = cfg.get('depth_range')
    if not limits:
        return
    if not isinstance(limits, dict) or not set(limits) <= set(KEYS):
        raise ConfigError(f'depth_range: expected a dict of {KEYS}, found {limits}')
    owners = [cfg.model] if cfg.get('model') else []
    for loader in LOADERS:
        dataset = (cfg.get(loader) or {}).get('dataset')
        owners += _metric_sets(dataset, cfg.get('default_scope')) if dataset else []
    for owner in owners:
        for key, value in limits.items():
            owner.setdefault(key, value)


def _metric_sets(dataset: dict, scope: str | None) -> list[dict]:
    """The configs of our data sets with labels in metres."""
    found = []
    for leaf, own_scope in leaf_configs(dataset, scope):
        with DATASETS.switch_scope_and_registry(own_scope) as registry:
            owner = registry.get(leaf['type']) if isinstance(leaf.get('type'), str) else None
        if not (inspect.isclass(owner) and issubclass(owner, BaseDepthDataset)):
            continue
        stated = inspect.signature(owner).parameters.get('label_type')
        if leaf.get('label_type', stated.default if stated else 'metric') == 'metric':
            found.append(leaf)
    return found
