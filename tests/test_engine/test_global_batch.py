"""The batch of a launch: shared out among processes, or larger, with a warning."""

import pytest
from mmengine.config import Config

from depthdecomp_mm.engine import ConfigError, PhasedRunner
from depthdecomp_mm.engine.global_batch import batch_shares, warn_of_change
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


def warnings_of(phases, processes):
    with kept_messages() as kept:
        warn_of_change(phases, processes)
    return [record.getMessage() for record in kept.buffer]


def test_a_larger_batch_is_named_beside_the_configs():
    one, two = (phase_config(Config.fromfile(CONFIG), name) for name in ('phase1', 'phase2'))
    assert warnings_of([one, two], 1) == []
    (warning,) = warnings_of([one, two], 8)
    words = '8 processes x 16 images make 128 images a step of the optimiser, but the config states'
    assert warning.startswith(f'{words} 16: --keep-global-batch ')
    two.optim_wrapper.accumulative_counts = 2
    _, accumulated = warnings_of([one, two], 8)
    assert '8 processes x 16 images x 2 accumulated make 256 ' in accumulated
    assert 'states 32' in accumulated
