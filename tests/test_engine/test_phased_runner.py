"""Training in phases, resuming, and the command lines."""

import json
import os
import subprocess
import sys
import weakref

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.hooks import Hook
from mmengine.optim import build_optim_wrapper
from mmengine.registry import HOOKS, PARAM_SCHEDULERS
from torch import nn

from depthdecomp_mm.engine import CheckpointError, ConfigError, DepthRunner, PhasedRunner
from depthdecomp_mm.engine.launch import set_launcher
from depthdecomp_mm.engine.phased_runner import _resume_seed
from depthdecomp_mm.engine.phases import phase_config
from tests.conftest import ROOT


def options(rooms) -> dict:
    """Settings that make the rooms config tiny."""
    loader = dict(num_workers=0, persistent_workers=False)
    return {
        'model.encoder.model_name': 'mobilenetv3_small_050',
        'train_dataloader.batch_size': 4,
        'train_dataloader.sampler.quotas.metric': 2,
        'train_dataloader.sampler.quotas.relative': 2,
        'train_dataloader.dataset.datasets.metric.data_root': f'{rooms}/nyu/',
        'train_dataloader.dataset.datasets.relative.data_root': f'{rooms}/hrwsi/',
        'val_dataloader.dataset.data_root': f'{rooms}/nyu/',
        'test_dataloader.dataset.data_root': f'{rooms}/nyu/',
        **{
            f'{part}_dataloader.{k}': v
            for part in ('train', 'val', 'test')
            for k, v in loader.items()
        },
        'default_hooks.logger.interval': 1,
        'param_scheduler.0.start_factor': 1.0,  # a few steps of a warm-up learn nothing
        'phases.phase1.train_cfg.max_epochs': 1,
        'train_cfg.max_epochs': 2,
    }


@pytest.fixture
def cfg(tiny_rooms, tmp_path):
    config = Config.fromfile(ROOT / 'configs' / 'depthdecomp' / 'rooms_hrwsi.py')
    config.merge_from_dict(options(tiny_rooms))
    config.work_dir = str(tmp_path / 'work')
    return config


@HOOKS.register_module()
class RecordHook(Hook):
    """Records what each epoch starts with, over all phases."""

    seen: list = []

    def before_train_epoch(self, runner):
        state = runner.optim_wrapper.optimizer.state_dict()['state']
        self.seen.append((runner.experiment_name.split('_20')[0], runner.epoch, len(state)))


@HOOKS.register_module()
class AliveHook(Hook):
    """Records how much of the phases before is still there when one starts."""

    parts: list = []
    alive: list = []

    def before_train(self, runner):
        self.alive.append(sum(part() is not None for part in self.parts))
        own = (runner.model, runner.optim_wrapper.optimizer, runner.train_dataloader)
        self.parts += map(weakref.ref, own)


@HOOKS.register_module()
class StopHook(Hook):
    """Raises when an epoch begins, as a kill would end the run there."""

    def __init__(self, experiment, epoch):
        self.where = (experiment, epoch)

    def before_train_epoch(self, runner):
        if (runner.experiment_name.split('_20')[0], runner.epoch) == self.where:
            raise KeyboardInterrupt


def weights(path):
    return torch.load(path, weights_only=True)['state_dict']


def test_phases_carry_weights_and_start_afresh(cfg, tmp_path):
    RecordHook.seen, AliveHook.parts, AliveHook.alive = [], [], []
    cfg.custom_hooks = [dict(type='mmengine.RecordHook'), dict(type='mmengine.AliveHook')]
    cfg.param_scheduler = [dict(type='StepLR', step_size=1, gamma=0.1)]
    cfg.visualizer.name = 'visualizer'  # as the runtime configs of other toolboxes name it
    cfg.optim_wrapper.paramwise_cfg = dict(custom_keys={'backbone': {}, 'encoder': {}})
    cfg.merge_from_dict({'phases.phase2.optim_wrapper': dict(optimizer=dict(lr=0.0))})
    PhasedRunner.from_cfg(cfg).train()
    first = weights(tmp_path / 'work' / 'phase1' / 'epoch_1.pth')
    last = weights(tmp_path / 'work' / 'phase2' / 'epoch_2.pth')
    assert not any(key.startswith('metric_decoder.') for key in first)
    assert any(key.startswith('metric_decoder.mdr.') for key in last)
    learnt = [k for k in first if k.endswith(('weight', 'bias'))]
    # a learning rate of zero in phase 2 leaves what phase 1 learnt as it was
    assert learnt and all(torch.equal(first[k], last[k]) for k in learnt)
    assert [(name, epoch, states > 0) for name, epoch, states in RecordHook.seen] == [
        ('rooms_hrwsi_phase1', 0, False),
        ('rooms_hrwsi_phase2', 0, False),
        ('rooms_hrwsi_phase2', 1, True),
    ]
    assert AliveHook.alive == [0, 0]
    log = ''.join(path.read_text() for path in sorted((tmp_path / 'work').rglob('*.log')))
    assert 'metric_decoder starts from the weights of normalized_decoder' in log
    assert 'starts afresh' not in log and 'does not fit' not in log
    assert 'Start of phase 1 of 2: phase1' in log and 'End of phase 2 of 2: phase2' in log
    assert log.count("custom_keys: ['backbone'] match no parameter of DepthDecomposer") == 2
    for phase, epochs in (('phase1', 1), ('phase2', 2)):
        (scalars,) = (tmp_path / 'work' / phase).glob('*/vis_data/scalars.json')
        lines = [json.loads(line) for line in scalars.read_text().splitlines()]
        assert len([line for line in lines if 'loss' in line]) == 4 * epochs, phase


@pytest.mark.parametrize('where', [('rooms_hrwsi_phase2', 0), ('rooms_hrwsi_phase2', 1)])
def test_resume_goes_on_in_the_interrupted_phase(cfg, tmp_path, where):
    cfg.custom_hooks = [dict(type='mmengine.StopHook', experiment=where[0], epoch=where[1])]
    with pytest.raises(KeyboardInterrupt):
        PhasedRunner.from_cfg(cfg).train()
    RecordHook.seen = []
    cfg.custom_hooks = [dict(type='mmengine.RecordHook')]
    cfg.resume = True
    cfg.model.encoder.checkpoint_path = 'gone.pth'  # the checkpoint has the weights
    PhasedRunner.from_cfg(cfg).train()
    assert [(name, epoch) for name, epoch, *_ in RecordHook.seen] == [
        (where[0], epoch) for epoch in range(where[1], 2)
    ]


def test_resume_of_a_finished_run_trains_nothing(cfg):
    cfg.phases = None
    cfg.train_cfg.max_epochs = 1
    PhasedRunner.from_cfg(cfg).train()
    RecordHook.seen, cfg.resume = [], True
    cfg.custom_hooks = [dict(type='mmengine.RecordHook')]
    PhasedRunner.from_cfg(cfg).train()
    assert not RecordHook.seen


@pytest.mark.parametrize(('given', 'seed'), [({}, 7), (dict(seed=None), 7), (dict(seed=3), 3)])
def test_a_resumed_run_keeps_the_seed_that_it_drew(tmp_path, given, seed):
    torch.save(dict(meta=dict(seed=7), state_dict={}), tmp_path / 'epoch_1.pth')
    cfg = Config(dict(randomness=given) if given else {})
    _resume_seed(cfg, str(tmp_path / 'epoch_1.pth'))
    assert cfg.randomness.seed == seed


def test_schedule_is_the_papers():
    cfg = Config.fromfile(ROOT / 'configs' / 'depthdecomp' / 'nyu_51k.py')
    cfg.work_dir = 'unused'
    phased = PhasedRunner.from_cfg(cfg)
    for index, (epochs, step) in enumerate([(20, 5), (15, 3)]):
        phase = phased.phase_cfg(index)
        assert phase.train_cfg.max_epochs == epochs
        optim = build_optim_wrapper(nn.Linear(1, 1), phase.optim_wrapper)
        assert isinstance(optim.optimizer, torch.optim.Adam)
        assert optim.optimizer.defaults['weight_decay'] == 1e-4
        (scheduler,) = (
            PARAM_SCHEDULERS.build(s, default_args=dict(optimizer=optim))
            for s in phase.param_scheduler
        )
        for epoch in range(epochs):
            expected = 1e-4 * 0.1 ** (epoch // step)
            assert optim.get_lr()['lr'][0] == pytest.approx(expected, rel=1e-6)
            optim.step()
            scheduler.step()


def test_mpi_tells_the_local_rank_in_its_own_way(monkeypatch):
    monkeypatch.setenv('LOCAL_RANK', '')
    monkeypatch.delenv('LOCAL_RANK')
    monkeypatch.setenv('OMPI_COMM_WORLD_LOCAL_RANK', '3')
    set_launcher(Config(), 'mpi')
    assert os.environ['LOCAL_RANK'] == '3'


def test_a_checkpoint_of_another_network_is_refused_when_tested(cfg, tmp_path):
    path = tmp_path / 'foreign.pth'
    torch.save(dict(meta={}, state_dict={'backbone.weight': torch.zeros(1)}), path)
    cfg = phase_config(cfg)
    cfg.load_from = str(path)
    words = r'foreign.pth: not of this network: \d+ missing: '
    with pytest.raises(CheckpointError, match=words):
        DepthRunner.from_cfg(cfg).test()


def test_metrics_of_one_name_are_refused_before_the_evaluation():
    pair = [dict(type='depthdecomp_mm.WHDR', seed=seed, prefix='seed') for seed in (0, 1)]
    with pytest.raises(ConfigError, match='two metrics give seed/whdr'):
        DepthRunner.__new__(DepthRunner).build_evaluator(pair)
    pair[1].update(prefix='other')
    assert len(DepthRunner.__new__(DepthRunner).build_evaluator(pair).metrics) == 2


def cli_options(rooms):
    return ['--cfg-options', *(f'{k}={json.dumps(v)}' for k, v in options(rooms).items())]


def run(*command, **environment):
    result = subprocess.run(
        [*map(str, command)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        env=os.environ | environment,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout + result.stderr


THREADS_AT_EXIT = """
import atexit, pathlib
names = pathlib.Path('/proc/self/task').glob('*/comm')
atexit.register(lambda: print('threads at exit:', *(path.read_text().strip() for path in names)))
"""


def test_train_and_test_from_the_command_line(tiny_rooms, tmp_path):
    """One process and two: the same number of steps, metrics and files.

    No process ends beside a thread of gloo, which would abort one in several.
    """
    (tmp_path / 'sitecustomize.py').write_text(THREADS_AT_EXIT)
    seen = os.pathsep.join([str(tmp_path), os.environ.get('PYTHONPATH', '')])
    config = 'configs/depthdecomp/rooms_hrwsi.py'
    work, opts = tmp_path / 'work', cli_options(tiny_rooms)
    said = run('env', f'PYTHON={sys.executable}', 'PORT=29511', 'tools/dist_train.sh', config, 2,
               '--work-dir', work, '--keep-global-batch', *opts, PYTHONPATH=seen)  # fmt: skip
    assert said.count('threads at exit:') >= 2 and 'gloo' not in said.partition('threads at')[2]
    assert 'images a step' not in said
    checkpoint = work / 'phase2' / 'epoch_2.pth'
    saved = Config.fromfile(work / 'phase1' / 'rooms_hrwsi.py')
    assert (saved.sync_bn, saved.train_dataloader.batch_size) == ('torch', 2)
    metrics, found = {}, {}
    for name, launcher in (('one', [sys.executable, 'tools/test.py', config, checkpoint]),
                           ('two', ['env', f'PYTHON={sys.executable}', 'PORT=29512',
                                    'tools/dist_test.sh', config, checkpoint, 2])):  # fmt: skip
        out = tmp_path / f'{name}.json'
        said = run(*launcher, '--work-dir', tmp_path / name, '--out', out,
                   '--show-dir', tmp_path / f'{name}_panels', '--tta',
                   '--report', tmp_path / f'{name}_report', *opts,
                   PYTHONPATH=seen)  # fmt: skip
        assert 'threads at exit:' in said and 'gloo' not in said.partition('threads at exit')[2]
        found[name] = json.loads(out.read_text())
        metrics[name] = {k: v for k, v in found[name].items() if isinstance(v, float)}
        assert len(list((tmp_path / f'{name}_report').rglob('*.webp'))) == 6
        assert len(list((tmp_path / f'{name}_panels').glob('*.png'))) == 6
    assert metrics['one'] == pytest.approx(metrics['two'], rel=1e-5, abs=1e-5, nan_ok=True)
    images = [[row['image'] for row in results['images']] for results in found.values()]
    assert images[0] == images[1] and len(images[0]) == 6
    # a network of a few steps may be constant, so that it has no tau
    assert {'rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'whdr'} <= set(metrics['one'])


def test_loader_batches_hold_the_quotas(cfg):
    loader = DepthRunner.build_dataloader(cfg.train_dataloader, seed=0)
    for batch in loader:
        labels = [s.metainfo['label_type'] for s in batch['data_samples']]
        assert labels == ['metric', 'metric', 'relative', 'relative']
    assert loader.collate_fn.func is pseudo_collate
