"""Configs that cannot work are refused before anything starts, in words."""

import pytest
from mmengine.config import Config

from depthdecomp_mm.engine import ConfigError, PhasedRunner
from depthdecomp_mm.engine.config_check import check_config
from tests.conftest import ROOT

RELATIVE = 'rooms_hrwsi.py'
GONE = dict(dataset=dict(datasets=dict(metric=dict(ann_file='gone.txt'))))


def build(name, overrides):
    cfg = Config.fromfile(ROOT / 'configs' / 'depthdecomp' / name)
    cfg.merge_from_dict(overrides)
    return cfg


@pytest.mark.parametrize(
    ('overrides', 'words'),
    [
        (
            {'optim_wraper': dict(optimizer=dict(lr=1))},
            "phase1: 'optim_wraper'.*'optim_wrapper' meant",
        ),
        ({'phases.phase2.trian_cfg': dict(max_epochs=1)}, "phase2: 'trian_cfg'.*'train_cfg' meant"),
        ({'model.encoder.model_nam': 'x'}, "phase1: model: .*'?model_nam"),
        ({'model.gradient_decoder.chanels': 1}, "DepthDecoder.*'chanels'"),
        ({'phases.phase2.model.metric_decoder.mdr.grid': 1}, "phase2: model: .*MDRBlock.*'grid'"),
        ({'model.losses.loss_n.weight': 2}, "Loss.*'weight'"),
        ({'phases.phase2.train_cfg.max_epoch': 2}, "phase2: train_cfg: .*'max_epochs' meant"),
        (
            {'phases.phase2.param_scheduler': [dict(type='StepLR', step=1)]},
            "phase2: param_sch.*'step'",
        ),
        ({'optim_wrapper.optimizer.learning_rate': 1}, "optim_wrapper: .*'learning_rate'"),
        ({'default_hooks.checkpoint.max_keep_ckpt': 2}, "CheckpointHook.*'max_keep_ckpts' meant"),
        ({'default_hooks.logger.intervall': 2}, "LoggerHook.*'interval' meant"),
        ({'default_hooks.checkpoint.max_keep_ckpts': 1}, 'max_keep_ckpts=1 would delete'),
        ({'sync_bnn': 'torch'}, "'sync_bnn' is no setting.*'sync_bn' meant"),
        ({'randomness.seed': 'x'}, "phase1: randomness.seed: .*at least 0, found 'x'"),
        ({'log_level': 'LOUD'}, "phase1: log_level: found 'LOUD'"),
        ({'phases.phase2.val_dataloader.dataset.eval_crop': 'no'}, "phase2: val_.*crop: .*'no'"),
        (
            {'train_dataloader.sampler.quotas': dict(metric=4, relative=4)},
            r"'relative': 4\} add up to 8, but .* is 16",
        ),
        ({'train_dataloader.sampler.quotas': [8, 8]}, r'\[8, 8\]; data sets have names now'),
        ({'train_dataloader.dataset.datasets': [dict(type='NYUDataset')]}, 'datasets is a list'),
        (
            {'val_evaluator': dict(_delete_=True, type='Evaluator', metrics=[dict(type='TAU')])},
            'val_evaluator: .*TAU',
        ),
        ({'train_dataloader.num_worker': 2}, "DataLoader.*'num_workers' meant"),
        ({'train_dataloader.sampler.quota': 2}, "MixedDatasetSampler.*'quotas' meant"),
        (
            {'train_dataloader.dataset.datasets.metric.ann_fil': 'x'},
            'train_dataloader.dataset: .*ann_fi',
        ),
        ({'train_dataloader.dataset.datasets.metric.pipeline.3.probability': 1}, 'probability'),
        ({'val_evaluator': [dict(type='KendallTau', crops=1)]}, "val_evaluator: .*'crops'"),
        (
            {'test_evaluator': [dict(type='KendallTau'), dict(type='KendallTau', crop='nyu')]},
            'two metrics give tau: set another prefix',
        ),
        ({'train_dataloader.batch_size': 8}, 'add up to 16, but train_dataloader.batch_size is 8'),
        ({'phases.phase1.train_cfg.max_epochs': 0}, 'phase1: train_cfg.max_epochs: .*at least 1'),
        (
            {'phases.phase1.model.losses': None},
            'phase1: trains nothing: the weights of model.losses',
        ),
        (
            {f'phases.phase1.model.losses.{k}.loss_weight': 0 for k in ('loss_g', 'loss_n')}
            | {'phases.phase1.model.losses.loss_n_grad.loss_weight': 0},
            'phase1: trains nothing',
        ),
        ({'train_cfg': None, 'phases': None}, 'trains nothing: train_cfg is not set'),
        ({'train_cfg.max_epochs': 'ten'}, "phase2: train_cfg.max_epochs: .*found 'ten'"),
        ({'train_dataloader.batch_size': 'abc'}, "batch_size: expected a whole .*found 'abc'"),
        ({'val_dataloader.batch_size': -1}, 'val_dataloader.batch_size: expected .*found -1'),
        ({'train_dataloader.sampler.quotas.relative': 0}, 'quotas are .* at least 1'),
        ({'randomness.sed': 3}, "randomness: .*'sed': was 'seed' meant"),
        ({'phases.phase2.val_dataloder': dict(batch_size=1)}, "phase2: .*'val_dataloader' meant"),
        (
            {'phases.phase2.val_dataloader': dict(num_worker=1)},
            "phase2: val_dataloader: .*'num_workers'",
        ),
        (
            {'phases.phase2.val_dataloader': dict(dataset=dict(type='NYU'))},
            "phase2: val_.*no 'NYU'",
        ),
        ({'val_dataloader': None, 'phases': None}, r"validation needs .*\['val_dataloader'\]"),
        (
            {'model.gradient_decoder': None, 'model.normalized_decoder': None, 'phases': None},
            r"HRWSIDataset has relative labels.*only \['metric', 'mean'\]",
        ),
        ({'model.representation': 'depth'}, 'phase1: HRWSIDataset has disparities.*towards'),
        (
            {
                'model.gradient_decoder': None,
                'model.normalized_decoder': None,
                'model.metric_decoder.fusion_weights': (1, 1),
                'phases': None,
            },
            'metric_decoder.fusion_weights.*no decoder before it',
        ),
        (
            {'model.normalized_decoder.channels': (16, 16, 16, 16, 16, 8)},
            r'gradient_decoder guides normalized_decoder.* and \(16, 16, 16, 16\)',
        ),
        ({'param_scheduler': 1}, 'param_scheduler is 1, expected a list or dict'),
        ({'env_cfg': 3}, 'env_cfg is 3, expected a dict'),
        ({'default_hooks': [3]}, r'default_hooks is \[3\], expected a dict'),
        ({'custom_hooks': [3]}, 'hooks: found 3, expected a dict'),
        ({'train_dataloader.dataset': 3}, 'train_dataloader.dataset: found 3, expected a dict'),
        ({'visualizer.type': 'Nope'}, "visualizer: there is no 'Nope'"),
        ({'compile': 'yes'}, "compile is 'yes', expected a bool or dict"),
        ({'test_evaluator': 3}, 'test_evaluator is 3, expected a dict or list'),
    ],
)
def test_refused_in_words(overrides, words, tmp_path):
    cfg = build(RELATIVE, overrides)
    cfg.work_dir = str(tmp_path / 'work')
    with pytest.raises(ConfigError, match=words):
        PhasedRunner.from_cfg(cfg).train()
    assert not (tmp_path / 'work').exists()


@pytest.mark.parametrize(
    ('overrides', 'words'),
    [
        (
            {'phases': dict(b=dict(train_dataloader=GONE))},
            'phase b: train_dataloader: list file not found: .*gone.txt',
        ),
        (
            {'val_dataloader.dataset.ann_file': 'gone.txt'},
            'phase phase1: val_dataloader: list file not found',
        ),
        (
            {'train_dataloader.batch_size': 1000, 'train_dataloader.drop_last': True},
            "phase1: train_dataloader gives no batch: 8 samples, {'batch_size': 1000, 'drop_last'",
        ),
    ],
)
def test_data_of_all_phases_is_looked_at_first(overrides, words, tiny_rooms, tmp_path):
    parts = 'train_dataloader.dataset.datasets.metric', 'val_dataloader.dataset'
    rooms = {f'{part}.data_root': f'{tiny_rooms}/nyu/' for part in parts}
    cfg = build('rooms.py', {**rooms, **overrides, 'work_dir': str(tmp_path / 'work')})
    with pytest.raises(ConfigError, match=words):
        PhasedRunner.from_cfg(cfg).train()
    assert not [*(tmp_path / 'work').iterdir()]


def test_an_evaluator_may_be_written_out():
    evaluator = dict(_delete_=True, type='Evaluator', metrics=[dict(type='KendallTau')])
    check_config(build(RELATIVE, {'phases': None, 'val_evaluator': evaluator}))


def foreign_config(rooms, monkeypatch, **overrides):
    """The host project's phased config, with its names in its own default scope."""
    monkeypatch.setenv('ROOMS', str(rooms))
    monkeypatch.syspath_prepend(ROOT / 'tests' / 'hosts')
    cfg = Config.fromfile(ROOT / 'tests' / 'hosts' / 'foreign' / 'config_phased.py')
    cfg.merge_from_dict(overrides)
    return cfg


@pytest.mark.parametrize(
    ('overrides', 'words'),
    [
        ({}, None),
        # the scope of a wrapper holds for what it wraps
        (
            {
                'train_dataloader.dataset.type': 'ConcatDataset',
                'train_dataloader.dataset._scope_': 'depthdecomp_mm',
                'train_dataloader.dataset.datasets.metric.type': 'NYUDataset',
                'train_dataloader.dataset.datasets.metric.pipeline': [
                    dict(type='LoadDepthAnnotation')
                ],
                'train_dataloader.dataset.datasets.relative.pipeline': [],
            },
            None,
        ),
        ({'custom_hooks.0.typo': 1}, "hooks: LossLog has no argument 'typo'"),
        ({'custom_hooks.1.type': 'NonFiniteLossHook'}, "no 'NonFiniteLossHook' in scope 'foreign'"),
        (
            {'train_dataloader.dataset.datasets.relative.typo': 1},
            "train_dataloader.dataset: .*'typo'",
        ),
        ({'train_dataloader.sampler.type': 'MixedSampler'}, "sampler: there is no 'MixedSampler'"),
    ],
)
def test_names_of_a_host_project(overrides, words, tiny_rooms, monkeypatch):
    cfg = foreign_config(tiny_rooms, monkeypatch, **overrides)
    if words is None:
        return check_config(cfg)
    with pytest.raises(ConfigError, match=words):
        check_config(cfg)
