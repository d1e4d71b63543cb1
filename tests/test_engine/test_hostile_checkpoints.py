"""Checkpoints are never executed, whatever they hold and whatever others allow."""

from pathlib import Path

import pytest
import torch
from mmengine.logging.history_buffer import HistoryBuffer
from mmengine.registry import init_default_scope

from depthdecomp_mm import safe_globals
from depthdecomp_mm.engine import CheckpointError, DepthRunner, PhasedRunner
from depthdecomp_mm.engine.checkpoint import read_checkpoint
from depthdecomp_mm.registry import MODELS
from tests.test_engine.evil import Evil


def test_hostile_checkpoints_execute_nothing(runner, tmp_path, monkeypatch):
    """By each way in: weights to start from, resuming, testing, and files of the encoder."""
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')  # set on some clusters
    work, trace = Path(runner.work_dir), tmp_path / 'trace'
    good = read_checkpoint(str(work / 'epoch_1.pth'))
    evil = work / 'evil.pth'
    torch.save(good | dict(extra=Evil(trace)), evil)
    for resume in (False, True):
        with pytest.raises(CheckpointError, match=r'evil\.pth: refused.*mkdir'):
            (runner.resume if resume else runner.load_checkpoint)(str(evil))
    cfg = runner.cfg.copy()
    cfg.load_from = str(evil)
    with pytest.raises(CheckpointError, match='refused'):
        PhasedRunner.from_cfg(cfg).test()
    cfg.resume = True
    with pytest.raises(CheckpointError, match='refused'):
        PhasedRunner.from_cfg(cfg).train()
    good['meta']['config'] = f'import os\nos.mkdir({str(trace)!r})'  # MMEngine executes it
    torch.save(good, evil)
    runner.resume(str(evil))
    assert not trace.exists()


@pytest.mark.parametrize('key', ['checkpoint_path', 'init_cfg'])
def test_hostile_encoder_weights_execute_nothing(tmp_path, key):
    init_default_scope('depthdecomp_mm')
    path, trace = tmp_path / 'evil.pth', tmp_path / 'trace'
    torch.save(dict(state_dict=Evil(trace)), path)
    value = str(path) if key == 'checkpoint_path' else dict(type='Pretrained', checkpoint=str(path))
    encoder = MODELS.build(
        dict(type='TimmEncoder', model_name='mobilenetv3_small_050', **{key: value})
    )
    with pytest.raises(Exception, match='(?i)weights.only'):
        encoder.init_weights()
    assert not trace.exists()


class OtherProject:
    """What another project allows its own checkpoints, by a ``getattr`` of its own."""

    def hop(self):
        """A method that its pickles refer to."""


def its_getattr(owner, name):
    if owner is not OtherProject:
        raise TypeError('not of the other project')
    return getattr(owner, name)


@pytest.fixture
def allow_list():
    """The allow-list of PyTorch, empty, and afterwards as it was."""
    before = torch.serialization.get_safe_globals()
    torch.serialization.clear_safe_globals()
    yield
    torch.serialization.clear_safe_globals()
    torch.serialization.add_safe_globals(before)


@pytest.mark.parametrize('entry', [getattr, (its_getattr, 'builtins.getattr')])
@pytest.mark.parametrize('ours_first', [True, False])
@pytest.mark.usefixtures('allow_list')
def test_another_projects_getattr_stays_allowed(entry, ours_first, tmp_path):
    theirs, ours = tmp_path / 'theirs.pth', tmp_path / 'ours.pth'
    torch.save(dict(method=OtherProject.hop), theirs)
    torch.save(dict(history=HistoryBuffer([1], [1])), ours)
    allow = [
        safe_globals.allow_mmengine_checkpoints,
        lambda: torch.serialization.add_safe_globals([OtherProject, entry]),
    ]
    for step in allow if ours_first else reversed(allow):
        step()
    assert torch.load(theirs, weights_only=True)['method'] is OtherProject.hop
    assert read_checkpoint(str(ours))['history'].current() == 1
    assert entry in torch.serialization.get_safe_globals()
    with pytest.raises(CheckpointError):  # what they allow is not for what we read
        read_checkpoint(str(theirs))


STATES = {
    'numbers for names': {1: torch.zeros(1)},
    'names and numbers': {'encoder.a': torch.zeros(1), 7: torch.zeros(1)},
    'pairs for names': {('a', 'b'): torch.zeros(1)},
    'a list': [torch.zeros(1)],
    'nothing': None,
    'text for weights': {'encoder.a': 'heavy'},
    'weights in weights': {'encoder': {'a': torch.zeros(1)}},
}


@pytest.mark.parametrize('case', STATES)
def test_odd_keys_are_a_sentence(case, tmp_path):
    path = tmp_path / 'odd.pth'
    torch.save(dict(state_dict=STATES[case], meta={}), path)
    runner = DepthRunner.__new__(DepthRunner)
    runner.model, runner._testing, runner._hooks = torch.nn.Linear(1, 1), True, []
    words = r'odd\.pth: (found the key|.state_dict. is|not of|expected tensors)'
    with pytest.raises(CheckpointError, match=words):
        runner.load_checkpoint(str(path))
