"""The batch of a launch: shared out among processes, or larger, with a warning."""

import pytest
from mmengine.config import Config

from depthdecomp_mm.engine import ConfigError, PhasedRunner
from depthdecomp_mm.engine.global_batch import batch_shares, describe_change
from depthdecomp_mm.engine.logs import kept_messages
from depthdecomp_mm.engine.phases import phase_config
from tests.conftest import ROOT
from tests.test_engine.test_tools import tool

CONFIG = ROOT / 'configs' / 'depthdecomp' / 'nyu_51k_hrwsi.py'


@pytest.fixture
def launched(monkeypatch, tmp_path):
    """The runner that tools/train.py comes to in one of so many processes, before it trains."""

    class Built(PhasedRunner):
        def train(self):
            raise InterruptedError(self)

    monkeypatch.setattr('depthdecomp_mm.engine.phased_runner.PhasedRunner.train', Built.train)
    train = tool(monkeypatch, 'tools', 'train')

    def launch(processes, *arguments):
        for name in ('RANK', 'LOCAL_RANK', 'MASTER_PORT', 'MASTER_ADDR'):
            monkeypatch.setenv(name, '0')
        monkeypatch.setenv('WORLD_SIZE', str(processes))
        command = [str(CONFIG), '--work-dir', str(tmp_path), '--launcher', 'pytorch', *arguments]
        with pytest.raises(InterruptedError) as reached:
            train.main(command)
        return reached.value.args[0]

    return launch


def loaders(runner):
    return [runner.phase_cfg(index).train_dataloader for index in range(2)]


def test_processes_share_out_the_batch(launched):
    for loader in loaders(launched(8, '--keep-global-batch')):
        assert loader.batch_size == 2
        assert loader.sampler.quotas == dict(metric=1, relative=1)
    for loader in loaders(launched(8)):
        assert loader.batch_size == 16


def test_what_cannot_be_shared_out_is_refused(launched):
    words = 'quotas.metric=8 cannot be shared out among 16 processes: 16 x 1 would be 16'
    with pytest.raises(ConfigError, match=words):
        launched(16, '--keep-global-batch')
    with pytest.raises(ConfigError, match='batch_size=16 .* among 3 processes: 3 x 5 would be 15'):
        launched(3, '--keep-global-batch')


def test_what_phases_state_is_shared_out_too():
    loader = dict(batch_size=16, sampler=dict(quotas=dict(metric=12, relative=4, other=None)))
    phases = dict(one=dict(train_dataloader=dict(batch_size=8)), two=None)
    cfg = Config(dict(train_dataloader=loader, phases=phases))
    assert batch_shares(cfg, 0) == batch_shares(cfg, 1) == {}
    assert batch_shares(cfg, 4) == {
        'train_dataloader.batch_size': 4,
        'train_dataloader.sampler.quotas.metric': 3,
        'train_dataloader.sampler.quotas.relative': 1,
        'phases.one.train_dataloader.batch_size': 2,
    }


def test_a_larger_batch_is_named_beside_the_configs():
    cfg = phase_config(Config.fromfile(CONFIG))
    assert describe_change(cfg, 1) is None
    words = '8 processes x 16 images make 128 images a step of the optimiser, but the config states'
    assert describe_change(cfg, 8).startswith(f'{words} 16: --keep-global-batch ')
    cfg.optim_wrapper.accumulative_counts = 2
    assert '8 processes x 16 images x 2 accumulated make 256 ' in describe_change(cfg, 8)
    assert 'states 32' in describe_change(cfg, 8)


@pytest.mark.parametrize(('flag', 'warnings'), [([], 1), (['--keep-global-batch'], 0)])
def test_the_warning_comes_once_unless_the_batch_is_kept(launched, monkeypatch, flag, warnings):
    runner = launched(8, *flag)
    monkeypatch.setattr('depthdecomp_mm.engine.phased_runner.get_world_size', lambda: 8)
    with kept_messages() as kept:
        runner._warn_of_batch({name: runner.phase_cfg(i) for i, name in enumerate(runner.names)})
    assert ['128 images' in record.getMessage() for record in kept.buffer] == [True] * warnings
