"""Faults of a config's parts, found without data."""

from __future__ import annotations

import copy
import difflib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mmengine.config import Config
from mmengine.hooks import CheckpointHook
from mmengine.registry import DefaultScope, Registry
from torch.utils.data import DataLoader

from depthdecomp_mm.datasets import BaseDepthDataset
from depthdecomp_mm.datasets.concat_dataset import named_parts
from depthdecomp_mm.datasets.samplers.mixed_dataset_sampler import (
    MixedDatasetSampler,
    quotas_in_order,
)
from depthdecomp_mm.datasets.walking import buildable_configs
from depthdecomp_mm.errors import ConfigError, faults_of
from depthdecomp_mm.registry import DATA_SAMPLERS, DATASETS

from .logs import muted_warnings


@contextmanager
def checking(cfg: Config, phase: str = '') -> Iterator[None]:
    """Look names up in the config's scope, without warnings, and name the phase in errors."""
    scope = DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmengine'))
    try:
        with scope, muted_warnings():  # all is built again, with its warnings
            yield
    except ConfigError as error:
        raise ConfigError(f'phase {phase}: {error}' if phase else str(error)) from error


def checked(section: str, function: Callable, *args, **kwargs) -> Any:
    """Call a function with copies of its arguments, and name the section in what it raises."""
    with faults_of(section):
        return function(*copy.deepcopy(args), **kwargs)


def find(section: str, registry: Registry, config: dict) -> Any:
    """Take type and scope out of a component's config and look it up where it would be built."""
    name = config.pop('type', None)
    if name is None:
        raise ConfigError(f'{section}: has no type; found {config}')
    with registry.switch_scope_and_registry(config.pop('_scope_', None)) as host:
        if not isinstance(name, str):
            found = name
        else:
            try:
                found = host.get(name)
            except (RuntimeError, RecursionError):  # MMEngine's answer to unknown names
                found = None
        if found is None:
            raise ConfigError(f'{section}: there is no {name!r} in scope {host.scope!r}')
    return found


def check_arguments(section: str, owner: type | None, found: dict) -> None:
    """Whether a class takes the arguments; one that takes any is trusted."""
    if owner is None:
        return
    parameters = inspect.signature(owner).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if takes_any and owner is not CheckpointHook:  # it hands the others to a function without them
        return
    for key in found:
        if key not in parameters:
            close = difflib.get_close_matches(key, parameters, n=1)
            hint = f': was {close[0]!r} meant?' if close else ''
            raise ConfigError(f'{section}: {owner.__name__} has no argument {key!r}{hint}')


def _build_lazily(section: str, config: dict) -> BaseDepthDataset | None:
    owner = find(section, DATASETS, dict(config))
    if not (inspect.isclass(owner) and issubclass(owner, BaseDepthDataset)):
        return None
    return DATASETS.build(dict(config, lazy_init=True))


def check_loader(name: str, loader: dict) -> list[BaseDepthDataset]:
    """Check the config of a data loader without reading its data.

    Returns:
        Those of its data sets that are ours, without data.

    Raises:
        ConfigError: If a key or a component is unknown, or sizes of batches contradict each other.
    """
    section = f'{name}.dataset'
    if not isinstance(loader.get('dataset'), dict):
        raise ConfigError(f'{section}: found {loader.get("dataset")!r}, expected a dict')
    datasets = [
        checked(section, _build_lazily, section, d) for d in buildable_configs(loader['dataset'])
    ]
    own = ('num_batch_per_epoch', 'disable_subprocess_warning')
    found = {key: value for key, value in loader.items() if key not in own}
    check_arguments(name, DataLoader, found)
    expect_number(f'{name}.batch_size', loader.get('batch_size', 1))
    sampler = dict(loader.get('sampler') or {})
    if sampler:
        owner = find(f'{name}.sampler', DATA_SAMPLERS, sampler)
        check_arguments(f'{name}.sampler', owner, sampler)
        if inspect.isclass(owner) and issubclass(owner, MixedDatasetSampler):
            _check_mixture(name, loader, sampler)
    return [dataset for dataset in datasets if dataset is not None]


def _check_mixture(name: str, loader: dict, sampler: dict) -> None:
    parts = checked(f'{name}.dataset', named_parts, loader['dataset'].get('datasets'))
    quotas = checked(f'{name}.sampler', quotas_in_order, sampler.get('quotas'), list(parts))
    if sum(quotas) != loader.get('batch_size'):
        raise ConfigError(
            f'{name}.sampler: quotas {dict(sampler["quotas"])} add up to {sum(quotas)}, but '
            f'{name}.batch_size is {loader.get("batch_size")}'
        )


def expect_number(name: str, found: Any, least: int = 1) -> None:
    """Whether a setting is a whole number of at least so much."""
    if not isinstance(found, int) or found < least:
        raise ConfigError(f'{name}: expected a whole number of at least {least}, found {found!r}')
