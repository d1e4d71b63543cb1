"""Losses are read once in a logging interval; one that is not finite stops training."""

import json
import logging
from collections import Counter
from types import SimpleNamespace

import pytest
import torch
from mmengine.dist import get_rank
from mmengine.hooks import LoggerHook
from mmengine.logging import MessageHub
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.data import DataLoader

from depthdecomp_mm.engine import LossLogHook, NonFiniteLossHook
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.registry import HOOKS
from depthdecomp_mm.structures import DepthDataSample
from tests.reliability.ranks import run_ranks

NAN = float('nan')


class Run:
    """As much of a runner as the hooks see: losses are logged every third step, ten an epoch."""

    def __init__(self, work_dir, optim_wrapper=None):
        check = HOOKS.build(dict(type='depthdecomp_mm.NonFiniteLossHook', max_skipped_steps=2))
        self.hooks = [LossLogHook(), check, LoggerHook(interval=3)]
        self.work_dir, self.experiment_name = str(work_dir), 'rooms_phase1'
        self.optim_wrapper = optim_wrapper or SimpleNamespace()
        self.epoch, self.iter, self.max_epochs, self.max_iters = 2, 20, 9, 90
        self.train_dataloader = DataLoader(range(10))
        self.message_hub = MessageHub(f'{work_dir}')
        self.logger = logging.getLogger('loss check')
        for hook in self.hooks[:2]:
            hook.before_train(self)

    def step(self, loss, device='cpu'):
        """An iteration with this loss, whose image is named after it."""
        sample = DepthDataSample(metainfo=dict(img_path=f'{self.iter + 1}.png'))
        outputs = dict(
            loss=torch.as_tensor(loss, device=device), loss_n=torch.ones((), device=device)
        )
        for hook in self.hooks[:2]:
            hook.after_train_iter(self, self.iter % 10, dict(data_samples=[sample]), outputs)
        self.iter += 1

    def call_hook(self, name, **kwargs):
        for hook in self.hooks:
            if hasattr(hook, name):
                getattr(hook, name)(self, **kwargs)

    def logged(self):
        return self.message_hub.get_scalar('train/loss').data[0].tolist()


def test_losses_are_logged_together_and_all(tmp_path):
    run = Run(tmp_path)
    for loss in range(4):
        run.step(float(loss))
    assert run.logged() == [0, 1, 2]
    run.call_hook('read_losses')  # before a checkpoint is saved
    assert run.logged() == [0, 1, 2, 3]
    for loss in range(4, 10):
        run.step(float(loss))
    assert run.logged() == list(range(10)), 'an epoch has ended'


class Waits(TorchDispatchMode):
    """Counts what the host waits for; numbers of fake tensors are 1."""

    def __init__(self):
        super().__init__()
        self.seen = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        on_gpu = any(isinstance(x, torch.Tensor) and x.is_cuda for x in tree_leaves(args))
        if func is torch.ops.aten._local_scalar_dense.default:
            self.seen['scalar'] += on_gpu
            return 1.0
        result = func(*args, **(kwargs or {}))
        self.seen['copy'] += on_gpu and isinstance(result, torch.Tensor) and not result.is_cuda
        return result


def test_the_gpu_is_waited_for_once_in_an_interval(tmp_path):
    with FakeTensorMode():
        run = Run(tmp_path)
        with Waits() as waits:
            for count in range(1, 7):
                run.step(1.0, 'cuda')
                assert waits.seen['copy'] == count // 3
    assert not waits.seen['scalar'] and run.logged() == [1.0] * 6


def test_stops_at_the_first_bad_step_with_samples_terms_and_phase(tmp_path):
    run = Run(tmp_path)
    run.step(1.0)
    run.step(NAN)
    with pytest.raises(FloatingPointError, match="iteration 22 of rooms_phase1: {'loss': nan}"):
        run.step(NAN)
    report = json.loads((tmp_path / 'non_finite_loss_rank0.json').read_text())
    assert report['samples'] == ['22.png']
    assert report['terms'] == {'loss': 'nan', 'loss_n': '1.0'}
    assert (report['phase'], report['epoch'], report['iteration']) == ('rooms_phase1', 3, 22)


def test_stops_before_a_checkpoint_is_saved(tmp_path):
    run = Run(tmp_path)
    run.step(NAN)
    with pytest.raises(FloatingPointError, match='iteration 21 '):
        run.call_hook('read_losses')


def stop_on_a_rank(folder):
    run, rank = Run(folder), get_rank()
    try:
        for loss in (1.0, NAN if rank else 1.0, 1.0):
            run.step(loss)
    except FloatingPointError as error:
        return str(error), json.loads((folder / f'non_finite_loss_rank{rank}.json').read_text())


def test_all_ranks_stop_and_name_their_samples(tmp_path):
    found = run_ranks(stop_on_a_rank, 2, tmp_path, tmp_path)
    for (message, report), part in zip(found, ('on another rank', "{'loss': nan}"), strict=True):
        assert f'iteration 22 of rooms_phase1: {part}' in message
        assert report['samples'] == ['22.png']


def test_a_run_that_never_reads_losses_is_refused():
    runner = SimpleNamespace(hooks=[])
    with pytest.raises(ConfigError, match='runtime_info=dict.*LossLogHook'):
        NonFiniteLossHook().before_train(runner)


def test_skipped_steps_are_bounded(tmp_path, caplog):
    optim = SimpleNamespace(scales_loss=True, skipped=0, skipped_in_all=0)
    run = Run(tmp_path, optim)

    def skip(loss):
        optim.skipped += 1
        optim.skipped_in_all += 1
        run.step(loss)

    skip(1.0)
    skip(NAN)
    optim.skipped = 0
    for _ in range(2):
        run.step(1.0)  # an iteration that accumulates is no step
        skip(1.0)
    assert '(2 in a row, 4 in all)' in caplog.records[-1].getMessage()
    run.step(1.0)
    with pytest.raises(FloatingPointError, match='3 steps in a row were skipped'):
        skip(1.0)
