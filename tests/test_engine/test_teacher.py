"""Training a student with a teacher, from the config on."""

import copy

import pytest
import torch
from mmengine.config import Config

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.engine import ConfigError, PhasedRunner
from depthdecomp_mm.engine.config_check import check_config
from depthdecomp_mm.engine.hooks.first_batch_hook import describe_batch
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.engine.teacher import give_teacher
from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.registry import MODELS
from tests.builders import sample
from tests.conftest import ROOT

NARROW = dict(channels=(32, 24, 16, 16, 16, 8))


@pytest.fixture
def cfg(tiny_rooms, tmp_path):
    """The config of the student, both networks tiny, one epoch a phase."""
    config = Config.fromfile(ROOT / 'configs' / 'depthdecomp' / 'rooms_distilled.py')
    tiny = dict(
        encoder=dict(model_name='test_efficientnet', checkpoint_path=''),
        **dict.fromkeys(('gradient_decoder', 'normalized_decoder', 'metric_decoder'), NARROW),
    )
    config.merge_from_dict(dict(model=copy.deepcopy(tiny)))
    teacher = config.model.teacher.model
    for part, values in tiny.items():
        teacher[part].update(copy.deepcopy(values))
    datasets = config.train_dataloader.dataset.datasets
    datasets.metric.data_root = config.val_dataloader.dataset.data_root = f'{tiny_rooms}/nyu/'
    datasets.unlabelled.data_root = f'{tiny_rooms}/hrwsi/'
    config.train_dataloader.batch_size = 4
    config.train_dataloader.sampler.quotas = dict(metric=2, unlabelled=2)
    for loader in (config.train_dataloader, config.val_dataloader):
        loader.num_workers, loader.persistent_workers = 0, False
    config.train_cfg.max_epochs = config.phases.phase1.train_cfg.max_epochs = 1
    config.default_hooks.logger.interval = 1
    config.default_hooks.visualization.draw = False
    config.work_dir = str(tmp_path / 'work')
    torch.manual_seed(0)
    model = MODELS.build(dict(copy.deepcopy(teacher), type='depthdecomp_mm.DepthDecomposer'))
    write_checkpoint(tmp_path / 'teacher.pth', model.state_dict(), {})
    config.model.teacher.checkpoint = str(tmp_path / 'teacher.pth')
    return config


def test_both_phases_and_a_checkpoint_of_the_student_alone(cfg, tmp_path):
    PhasedRunner.from_cfg(cfg).train()
    log = next((tmp_path / 'work' / 'phase2').rglob('*.log')).read_text()
    assert f'The teacher is that of {cfg.model.teacher.checkpoint}' in log
    assert '(2 metric, 0 relative, 2 without labels)' in log
    assert 'loss_mu_taught: ' in log
    assert 'loss_m_taught: ' not in next((tmp_path / 'work' / 'phase1').rglob('*.log')).read_text()
    checkpoint = tmp_path / 'work' / 'phase2' / 'epoch_1.pth'
    (tmp_path / 'teacher.pth').unlink()  # which is needed no more
    carried = init_model(checkpoint=checkpoint)
    plain = phase_config(cfg)
    plain.model.type = 'DepthDecomposer'
    del plain.model['teacher']
    student = init_model(plain, checkpoint)
    images = torch.rand(1, 3, 96, 128)
    torch.testing.assert_close(student(images), carried(images))


@pytest.mark.parametrize('path', ['', 'nowhere.pth'])
def test_a_missing_teacher_is_named_before_training(cfg, path):
    cfg.model.teacher.checkpoint = path
    with pytest.raises(ConfigError, match=f"phase1: model.teacher.checkpoint: found '{path}'"):
        PhasedRunner.from_cfg(cfg).train()


def test_a_teacher_of_another_network(cfg, tmp_path):
    state = {'encoder.x': torch.zeros(1)}
    write_checkpoint(tmp_path / 'teacher.pth', state, {})
    model = MODELS.build(dict(phase_config(cfg).model, _scope_='depthdecomp_mm'))
    with pytest.raises(CheckpointError, match='teacher.pth: not of this network'):
        give_teacher(model)


def test_images_without_labels_need_a_teacher(cfg):
    cfg.model.type = 'DepthDecomposer'
    del cfg.model['teacher']
    with pytest.raises(ConfigError, match="label_type='none', from which only a model with a teac"):
        check_config(phase_config(cfg))


def test_first_batch_without_such_images_is_described_as_before():
    lines = describe_batch([sample(), sample(label_type='relative')])
    assert lines[0] == 'First training batch: 2 samples (1 metric, 1 relative)'
