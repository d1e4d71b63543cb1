"""Measuring goes on while the network predicts, and gives what it gave."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.evaluation import DepthMetric, KendallTau
from depthdecomp_mm.evaluation.background import Background, on_host


def threads_of_metrics():
    return [t for t in threading.enumerate() if t.name.startswith(Background.__name__)]


@pytest.mark.parametrize('threads', [1, 4])
def test_results_keep_the_order_of_the_calls(threads):
    background = Background(threads)

    def slower_first(number):
        time.sleep(0.002 * (20 - number))
        return number

    for number in range(20):
        background.call(slower_first, number)
    assert background.take() == list(range(20))
    assert background.take() == [] and not threads_of_metrics()


def test_calls_do_not_wait_for_their_results():
    background, go_on = Background(1), threading.Event()
    background.call(lambda _: go_on.wait(60), None)  # would wait for what comes after it
    go_on.set()
    assert background.take() == [True]


def test_few_arguments_are_held():
    class Argument:
        pass

    background, alive, most = Background(2), [], 0
    for _ in range(30):
        argument = Argument()
        alive.append(weakref.ref(argument))
        background.call(lambda _: time.sleep(0.002), argument)
        del argument
        most = max(most, sum(reference() is not None for reference in alive))
    background.take()
    gc.collect()
    assert 2 <= most <= 2 * 2 + 2  # those that wait, and those that threads just let go
    assert not any(reference() is not None for reference in alive)


def test_a_fault_is_raised_and_ends_the_threads(make_sample):
    ones, metric = np.ones((2, 2), np.float32), DepthMetric(threads=2)
    good = make_sample(ones, ones)
    bad = make_sample(ones, ones, img_path='bad.png', label_type='relative')
    with pytest.raises(SampleError, match=r'bad\.png'):
        for sample in (good, bad, *[good] * 9):
            metric.process(None, [sample])
        metric.evaluate(11)
    assert not threads_of_metrics()


def test_a_metric_takes_no_thread_before_and_after_an_evaluation(make_sample):
    gt = np.arange(1, 7, dtype=np.float32).reshape(2, 3)
    metric = KendallTau(threads=3)
    for _ in range(2):
        assert not threads_of_metrics()
        metric.process(None, [make_sample(gt, gt)] * 5)
        assert threads_of_metrics()
        assert metric.evaluate(5) == dict(tau=pytest.approx(1))


def test_no_sample_on_a_gpu_waits():
    with FakeTensorMode():
        sample = dict(pred_depth_map=dict(data=torch.empty(1, 4, 6, device='cuda')), img_path='a')
    found = on_host(sample)
    assert found['pred_depth_map']['data'].device.type == 'cpu' and found['img_path'] == 'a'


def test_no_threads_are_refused():
    with pytest.raises(ValueError, match='threads must be at least 1, but got 0'):
        DepthMetric(threads=0)
