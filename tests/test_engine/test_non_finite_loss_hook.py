"""A loss that is not finite stops training, with a report."""

import json
import logging
from types import SimpleNamespace

import pytest
import torch

from depthdecomp_mm.engine import NonFiniteLossHook
from depthdecomp_mm.registry import HOOKS
from depthdecomp_mm.structures import DepthDataSample

BATCH = dict(data_samples=[DepthDataSample(metainfo=dict(img_path=f'{n}.png')) for n in 'ab'])
GOOD, BAD = (dict(loss=torch.tensor(v), loss_n=torch.tensor(1.0)) for v in (1.0, float('nan')))


def step(hook, runner, outputs):
    hook.after_train_iter(runner, 0, BATCH, outputs)


@pytest.fixture
def runner(tmp_path):
    return SimpleNamespace(
        optim_wrapper=SimpleNamespace(),
        experiment_name='rooms_phase1',
        work_dir=str(tmp_path),
        epoch=2,
        iter=11,
        logger=logging.getLogger('loss check'),
    )


def test_stops_at_once_with_samples_terms_and_phase(runner, tmp_path):
    hook = HOOKS.build(dict(type='depthdecomp_mm.NonFiniteLossHook'))
    step(hook, runner, GOOD)
    with pytest.raises(FloatingPointError, match="iteration 12 of rooms_phase1: {'loss': nan}"):
        step(hook, runner, BAD)
    report = json.loads((tmp_path / 'non_finite_loss_rank0.json').read_text())
    assert report['samples'] == ['a.png', 'b.png']
    assert report['terms'] == {'loss': 'nan', 'loss_n': '1.0'}
    assert (report['phase'], report['epoch'], report['iteration']) == ('rooms_phase1', 3, 12)


def test_skipped_steps_are_bounded(runner, caplog):
    hook = NonFiniteLossHook(max_skipped_steps=2)
    optim = runner.optim_wrapper = SimpleNamespace(scales_loss=True, skipped=0, skipped_in_all=0)

    def skip():
        optim.skipped += 1
        optim.skipped_in_all += 1

    for outputs in (GOOD, BAD):
        skip()
        step(hook, runner, outputs)
    optim.skipped = 0
    for _ in range(2):
        step(hook, runner, GOOD)  # an iteration that accumulates is no step
        skip()
        step(hook, runner, GOOD)
    assert '(2 in a row, 4 in all)' in caplog.records[-1].getMessage()
    step(hook, runner, GOOD)
    skip()
    with pytest.raises(FloatingPointError, match='3 steps in a row were skipped'):
        step(hook, runner, GOOD)
