"""Faults of a config, found before any phase starts."""

from __future__ import annotations

import copy
import difflib
import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.config import Config
from mmengine.hooks import CheckpointHook
from mmengine.optim import build_optim_wrapper
from mmengine.registry import HOOKS, METRICS, MODELS, PARAM_SCHEDULERS, DefaultScope, Registry
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop, Runner
from torch import nn
from torch.utils.data import DataLoader

from depthdecomp_mm.datasets import BaseDepthDataset
from depthdecomp_mm.datasets.concat_dataset import named_parts
from depthdecomp_mm.datasets.samplers.mixed_dataset_sampler import (
    MixedDatasetSampler,
    quotas_in_order,
)
from depthdecomp_mm.datasets.walking import buildable_configs
from depthdecomp_mm.errors import ConfigError, faults_of
from depthdecomp_mm.evaluation import check_names, metric_configs
from depthdecomp_mm.registry import DATA_SAMPLERS, DATASETS

from .speed import is_decomposer

RUNNER_KEYS = [
    *list(inspect.signature(Runner.__init__).parameters)[1:],
    # what MMEngine's runner and ours read from the config itself
    *('compile', 'find_unused_parameters', 'fuse_conv_bn', 'model_wrapper_cfg', 'sync_bn'),
    *('phases', 'runner_type'),
]


def check_config(cfg: Config, phase: str = '') -> None:
    """Check one phase's config by building all that needs no data.

    Args:
        cfg (Config): The config, the phase's overlay merged.
        phase (str): Name of the phase, for the message.

    Raises:
        ConfigError: If a key is unknown, the phase trains nothing, or its parts do not fit.
    """
    scope = DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmengine'))
    with scope, _warnings_later():
        try:
            _check_names(cfg)
            _check_hooks(cfg)
            model = _checked('model', _build_model, cfg.model)
            datasets = buildable_configs(cfg.train_dataloader.dataset)
            datasets = [_checked('train_dataloader.dataset', _build_lazily, d) for d in datasets]
            _check_loader(cfg.train_dataloader)
            _check_training(cfg, model)
            _check_labels(model, [d for d in datasets if d is not None])
            for key in ('val_evaluator', 'test_evaluator'):
                metrics = [_checked(key, METRICS.build, m) for m in metric_configs(cfg.get(key))]
                check_names(metrics)
        except ConfigError as error:
            raise ConfigError(f'phase {phase}: {error}' if phase else str(error)) from error


@contextmanager
def _warnings_later() -> Iterator[None]:
    """All is built again for training, with its warnings."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(level)


def _checked(section: str, function: Callable, *args, **kwargs) -> Any:
    with faults_of(section):
        return function(*copy.deepcopy(args), **kwargs)


def _check_names(cfg: Config) -> None:
    """Names that are nearly those of the runner's settings, and would be passed over."""
    for key in cfg:
        close = difflib.get_close_matches(key, RUNNER_KEYS, n=1, cutoff=0.85)
        if key not in RUNNER_KEYS and close:
            raise ConfigError(f'{key!r} is no setting of the runner: was {close[0]!r} meant?')
    for key in ('model', 'train_dataloader', 'train_cfg', 'optim_wrapper'):
        if not cfg.get(key):
            raise ConfigError(f'trains nothing: {key} is not set')


def _check_hooks(cfg: Config) -> None:
    hooks = [hook for hook in cfg.get('default_hooks', {}).values() if hook]
    for config in [*hooks, *(cfg.get('custom_hooks') or [])]:
        if not isinstance(config, dict):
            continue
        config = dict(config)
        hook = _find('hooks', HOOKS, config)
        config.pop('priority', None)
        _check_arguments('hooks', hook, config)
        if hook is CheckpointHook and config.get('max_keep_ckpts') == 1:
            raise ConfigError(
                'default_hooks.checkpoint: max_keep_ckpts=1 would delete the only checkpoint '
                'before the next is written; set 2 or more'
            )


def _find(section: str, registry: Registry, config: dict) -> Any:
    """Take type and scope out of a component's config and look it up where it would be built."""
    name = config.pop('type', None)
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


def _check_arguments(section: str, owner: type | None, found: dict) -> None:
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


def _build_model(config: dict) -> nn.Module:
    try:
        with torch.device('meta'):  # the structure, without memory
            return MODELS.build(copy.deepcopy(config))
    except (RuntimeError, NotImplementedError):  # it computes while it is built
        return MODELS.build(config)


def _build_lazily(config: dict) -> BaseDepthDataset | None:
    owner = _find('train_dataloader.dataset', DATASETS, dict(config))
    if not (inspect.isclass(owner) and issubclass(owner, BaseDepthDataset)):
        return None
    return DATASETS.build(dict(config, lazy_init=True))


def _check_loader(loader: dict) -> None:
    own = ('num_batch_per_epoch', 'disable_subprocess_warning')
    found = {key: value for key, value in loader.items() if key not in own}
    _check_arguments('train_dataloader', DataLoader, found)
    sampler = dict(loader.get('sampler') or {})
    if not sampler:
        return
    owner = _find('train_dataloader.sampler', DATA_SAMPLERS, sampler)
    _check_arguments('train_dataloader.sampler', owner, sampler)
    if inspect.isclass(owner) and issubclass(owner, MixedDatasetSampler):
        _check_mixture(loader, sampler)


def _check_mixture(loader: dict, sampler: dict) -> None:
    dataset = loader['dataset']
    names = list(_checked('train_dataloader.dataset', named_parts, dataset.get('datasets')))
    quotas = _checked('train_dataloader.sampler', quotas_in_order, sampler.get('quotas'), names)
    if sum(quotas) != loader.get('batch_size'):
        raise ConfigError(
            f'train_dataloader.sampler: quotas {dict(sampler["quotas"])} add up to {sum(quotas)}, '
            f'but train_dataloader.batch_size is {loader.get("batch_size")}'
        )


def _check_training(cfg: Config, model: nn.Module) -> None:
    loop = dict(cfg.train_cfg)
    if 'type' not in loop:
        owner = EpochBasedTrainLoop if loop.pop('by_epoch', True) else IterBasedTrainLoop
        _check_arguments('train_cfg', owner, loop)
    if loop.get('max_epochs', 1) < 1 or loop.get('max_iters', 1) < 1:
        raise ConfigError(f'trains nothing: train_cfg is {loop}')
    if not any(p.requires_grad for p in model.parameters()):
        raise ConfigError('trains nothing: the model has no parameter that requires a gradient')
    if is_decomposer(model):
        weights = {n: getattr(loss, 'loss_weight', 1) for n, loss in model.losses.items()}
        if not any(weights.values()):
            raise ConfigError(f'trains nothing: the weights of model.losses are {weights}')
    optimizer = _checked('optim_wrapper', build_optim_wrapper, model, cfg.optim_wrapper)
    schedulers = cfg.get('param_scheduler') or []
    for scheduler in [schedulers] if isinstance(schedulers, dict) else schedulers:
        _checked('param_scheduler', _build_scheduler, scheduler, optimizer=optimizer)


def _build_scheduler(config: dict, optimizer: Any) -> None:
    if config.pop('convert_to_iter_based', False):
        owner = _find('param_scheduler', PARAM_SCHEDULERS, config)
        owner.build_iter_from_epoch(optimizer=optimizer, epoch_length=1, **config)
    else:
        PARAM_SCHEDULERS.build(config, default_args=dict(optimizer=optimizer))


def _check_labels(model: nn.Module, datasets: list[BaseDepthDataset]) -> None:
    relative = [d for d in datasets if d.label_info['label_type'] == 'relative']
    if not (relative and is_decomposer(model)):
        return
    if not {'gradients', 'normalized'} & set(model.outputs):
        raise ConfigError(
            f'{type(relative[0]).__name__} has relative labels, which train G- and N-Net alone, '
            f'but the model has only {list(model.outputs)}: leave the data set out, or add '
            'normalized_decoder or gradient_decoder'
        )
    if model.codec.representation == 'depth':
        raise ConfigError(
            f'{type(relative[0]).__name__} has disparities, which grow towards the camera, but '
            "with model.representation='depth' the normalized map grows with distance: leave the "
            "data set out, or set 'inverse'"
        )
