"""Faults of a config, found before any phase starts."""

from __future__ import annotations

import copy
import difflib
import logging
from typing import Any

import torch
from mmengine.config import Config
from mmengine.hooks import CheckpointHook, Hook
from mmengine.optim import build_optim_wrapper
from mmengine.registry import HOOKS, METRICS, MODELS, PARAM_SCHEDULERS, VISUALIZERS
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop, Runner
from torch import nn

from depthdecomp_mm.configs import RUNNER_KEYS, metric_configs
from depthdecomp_mm.datasets import BaseDepthDataset
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.evaluation import check_names
from depthdecomp_mm.evaluation.protocol import Protocol
from depthdecomp_mm.structures import is_relative, is_unlabelled

from .acceleration import is_decomposer
from .part_check import check_arguments, check_loader, checked, checking, expect_number, find
from .teacher import check_teacher

PARTS = (
    *('model', 'train_dataloader', 'val_dataloader', 'test_dataloader', 'train_cfg', 'val_cfg'),
    *('test_cfg', 'optim_wrapper', 'default_hooks', 'env_cfg', 'randomness'),
)
KINDS = dict.fromkeys(PARTS, (dict,)) | dict(
    param_scheduler=(list, dict),
    custom_hooks=(list,),
    val_evaluator=(dict, list),
    test_evaluator=(dict, list),
    compile=(bool, dict),
)
"""What the parts of a config may be."""


def check_config(cfg: Config, phase: str = '') -> None:
    """Check one phase's config by building all that needs no data.

    Args:
        cfg: The config, the phase's overlay merged.
        phase: Name of the phase, for the message.

    Raises:
        ConfigError: If a key is unknown, the phase trains nothing, or its parts do not fit.
    """
    with checking(cfg, phase):
        _check_names(cfg)
        _check_kinds(cfg)
        for key in ('model', 'train_dataloader', 'train_cfg', 'optim_wrapper'):
            if not cfg.get(key):
                raise ConfigError(f'trains nothing: {key} is not set')
        _check_hooks(cfg)
        model = checked('model', _build_model, cfg.model)
        check_teacher(model)
        datasets = check_loader('train_dataloader', cfg.train_dataloader)
        _check_training(cfg, model)
        _check_labels(model, datasets)
        _check_validation(cfg)
        for key in ('val_evaluator', 'test_evaluator'):
            _check_metrics(key, cfg.get(key))


def check_test_config(cfg: Config) -> None:
    """Check the config of a test by building all that needs no data.

    Raises:
        ConfigError: If a key is unknown, or nothing is measured.
    """
    with checking(cfg):
        _check_names(cfg)
        _check_kinds(cfg)
        for key in ('model', 'test_dataloader', 'test_evaluator'):
            if not cfg.get(key):
                raise ConfigError(f'tests nothing: {key} is not set')
        _check_hooks(cfg)
        checked('model', _build_model, cfg.model)
        _check_evaluated('test_dataloader', cfg.test_dataloader)
        _check_metrics('test_evaluator', cfg.test_evaluator)


def build_structure(cfg: Config) -> nn.Module:
    """The model of a config, where possible without memory for its weights."""
    with checking(cfg):
        return _build_model(cfg.model)


def _check_names(cfg: Config) -> None:
    """Names that are nearly those of the runner's settings, and would be passed over."""
    for key in cfg:
        close = difflib.get_close_matches(key, RUNNER_KEYS, n=1, cutoff=0.85)
        if key not in RUNNER_KEYS and close:
            raise ConfigError(f'{key!r} is no setting of the runner: was {close[0]!r} meant?')
    randomness = cfg.get('randomness') or {}
    check_arguments('randomness', Runner.set_randomness, randomness)
    if randomness.get('seed') is not None:
        expect_number('randomness.seed', randomness['seed'], least=0)
    if not isinstance(logging.getLevelName(cfg.get('log_level', 'INFO')), int):
        raise ConfigError(f'log_level: found {cfg.log_level!r}, expected such as INFO')


def _check_kinds(cfg: Config) -> None:
    """Whether each part is of a kind that can be built, before anything is done with it."""
    for key, kinds in KINDS.items():
        found = cfg.get(key)
        if found is not None and not isinstance(found, kinds):
            expected = ' or '.join(kind.__name__ for kind in kinds)
            raise ConfigError(f'{key} is {found!r}, expected a {expected}')
    visualizer = dict(cfg.get('visualizer') or {})
    if visualizer:
        check_arguments('visualizer', find('visualizer', VISUALIZERS, visualizer), visualizer)


def _check_hooks(cfg: Config) -> None:
    hooks = [hook for hook in cfg.get('default_hooks', {}).values() if hook]
    for config in [*hooks, *(cfg.get('custom_hooks') or [])]:
        if isinstance(config, Hook):
            continue
        if not isinstance(config, dict):
            raise ConfigError(f'hooks: found {config!r}, expected a dict')
        config = dict(config)
        hook = find('hooks', HOOKS, config)
        config.pop('priority', None)
        check_arguments('hooks', hook, config)
        if hook is CheckpointHook and config.get('max_keep_ckpts') == 1:
            raise ConfigError(
                'default_hooks.checkpoint: max_keep_ckpts=1 would delete the only checkpoint '
                'before the next is written; set 2 or more'
            )


def _build_model(config: dict) -> nn.Module:
    try:
        with torch.device('meta'):  # the structure, without memory
            return MODELS.build(copy.deepcopy(config))
    except (RuntimeError, NotImplementedError):  # it computes while it is built
        return MODELS.build(config)


def _check_validation(cfg: Config) -> None:
    parts = {
        key: cfg.get(key) is not None for key in ('val_dataloader', 'val_cfg', 'val_evaluator')
    }
    missing = [key for key, there in parts.items() if not there]
    if missing and len(missing) < len(parts):
        raise ConfigError(f'validation needs {", ".join(parts)}, but {missing} are not set')
    if not missing:
        _check_evaluated('val_dataloader', cfg.val_dataloader)


def _check_evaluated(name: str, loader: dict) -> None:
    """Check a loader and the crop in which its data sets are to be measured."""
    for dataset in check_loader(name, loader):
        checked(f'{name}.dataset.eval_crop', Protocol, crop=dataset.metainfo.get('eval_crop'))


def _check_metrics(section: str, evaluator: Any) -> None:
    check_names([checked(section, METRICS.build, metric) for metric in metric_configs(evaluator)])


def _check_training(cfg: Config, model: nn.Module) -> None:
    loop = dict(cfg.train_cfg)
    if 'type' not in loop:
        owner = EpochBasedTrainLoop if loop.pop('by_epoch', True) else IterBasedTrainLoop
        check_arguments('train_cfg', owner, loop)
    for key in ('max_epochs', 'max_iters', 'val_interval', 'val_begin'):
        expect_number(f'train_cfg.{key}', loop.get(key, 1))
    if not any(p.requires_grad for p in model.parameters()):
        raise ConfigError('trains nothing: the model has no parameter that requires a gradient')
    if is_decomposer(model):
        weights = {n: getattr(loss, 'loss_weight', 1) for n, loss in model.losses.items()}
        if not any(weights.values()):
            raise ConfigError(f'trains nothing: the weights of model.losses are {weights}')
    optimizer = checked('optim_wrapper', build_optim_wrapper, model, cfg.optim_wrapper)
    schedulers = cfg.get('param_scheduler') or []
    for scheduler in [schedulers] if isinstance(schedulers, dict) else schedulers:
        checked('param_scheduler', _build_scheduler, scheduler, optimizer=optimizer)


def _build_scheduler(config: dict, optimizer: Any) -> None:
    if config.pop('convert_to_iter_based', False):
        owner = find('param_scheduler', PARAM_SCHEDULERS, config)
        owner.build_iter_from_epoch(optimizer=optimizer, epoch_length=1, **config)
    else:
        PARAM_SCHEDULERS.build(config, default_args=dict(optimizer=optimizer))


def _check_labels(model: nn.Module, datasets: list[BaseDepthDataset]) -> None:
    unlabelled = [d for d in datasets if is_unlabelled(d.label_info)]
    if unlabelled and not hasattr(model, 'teacher_config'):
        raise ConfigError(
            f"{type(unlabelled[0]).__name__} has label_type='none', from which only a model with a "
            f'teacher can learn, such as DistilledDecomposer, but found {type(model).__name__}'
        )
    relative = [d for d in datasets if is_relative(d.label_info)]
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
