"""Several processes learn and measure what one would."""

import os
import socket
import subprocess
import sys

import pytest
import torch
from mmengine.config import Config
from mmengine.dist import all_reduce, get_dist_info
from mmengine.model import MMDistributedDataParallel
from mmengine.registry import init_default_scope
from torch import nn

from depthdecomp_mm.engine import DepthRunner, PhasedRunner
from depthdecomp_mm.engine.checkpoint import latest_checkpoint, read_checkpoint
from depthdecomp_mm.registry import MODELS
from tests.builders import images, light_model, sample
from tests.conftest import ROOT

from .kill_and_resume import tiny_config
from .ranks import run_ranks

SIZE, STEPS = (32, 64), 3
M, R, EMPTY = 'metric', 'relative', 'empty'  # EMPTY: metric, without a valid pixel
PHASES = dict(phase1=dict(metric_decoder=None), phase2={}, baseline=None)
CASES = [
    ('phase1', (M, M, M, M)),
    ('phase1', (M, R, M, R)),
    ('phase1', (M, EMPTY, R, R)),
    ('phase2', (M, M, M, M)),
    ('phase2', (M, R, R, M)),
    ('phase2', (M, M, R, R)),  # the second of two ranks has no metric sample
    ('phase2', (M, R, EMPTY, EMPTY)),
    ('phase2', (R, R, R, R)),
    ('baseline', (M, M, EMPTY, M)),
]


def build(phase):
    mdr = dict(metric_decoder=dict(mdr=dict(dropout=0.0)))
    if phase == 'baseline':
        parts = dict(gradient_decoder=None, normalized_decoder=None)
        return light_model(metric_decoder=dict(mdr=None), losses=dict(loss_log_m=None), **parts)
    return light_model(**(mdr if phase == 'phase2' else dict(metric_decoder=None)))


def global_batch(labels, step):
    samples = []
    for i, label in enumerate(labels):
        seed = 10 * step + i
        samples.append(sample(SIZE, M if label == EMPTY else label, seed))
        if label == EMPTY:
            samples[-1].gt_valid_mask.data.zero_()
    return images(len(labels), SIZE, step), samples


def learn(phase, labels):
    """Global losses and gradients of the first steps, BatchNorm with fixed statistics."""
    rank, world_size = get_dist_info()
    model = build(phase)
    if world_size > 1:
        model = MMDistributedDataParallel(model, broadcast_buffers=False)
    for module in model.train().modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    share = slice(rank * len(labels) // world_size, (rank + 1) * len(labels) // world_size)
    history = []
    for step in range(STEPS):
        inputs, samples = global_batch(labels, step)
        losses = model(inputs[share], samples[share], mode='loss')
        optimizer.zero_grad()
        sum(losses.values()).backward()
        terms = {name: value.detach().clone() for name, value in losses.items()}
        for value in terms.values():
            all_reduce(value, 'mean')
        names = (name.removeprefix('module.') for name, _ in model.named_parameters())
        grads = [parameter.grad.clone() for parameter in model.parameters()]  # none is None
        terms = {name: value.item() for name, value in terms.items()}
        history.append((terms, dict(zip(names, grads, strict=True))))
        optimizer.step()
    return history


def learn_all():
    return [learn(*case) for case in CASES]


def test_two_ranks_learn_what_one_would(tmp_path):
    alone = learn_all()
    largest, relative = 0.0, 0.0
    for shared in run_ranks(learn_all, 2, tmp_path):
        for case, one, two in zip(CASES, alone, shared, strict=True):
            for (terms, grads), (terms2, grads2) in zip(one, two, strict=True):
                assert terms == pytest.approx(terms2, abs=1e-5), case
                assert grads.keys() == grads2.keys()
                for name, grad in grads.items():
                    difference = (grad - grads2[name]).abs().max().item()
                    size = grad.abs().max().item()
                    assert difference < 1e-5 * max(1, size), (case, name)
                    largest = max(largest, difference)
                    relative = max(relative, difference / max(1, size))
    print(f'gradients differ by at most {largest:.1e}, {relative:.1e} of those above 1')


def shipped_models():
    """Every model of a shipped config, in every phase, once."""
    seen = {}
    for path in sorted((ROOT / 'configs' / 'depthdecomp').rglob('*.py')):
        cfg = Config.fromfile(path)
        cfg.work_dir = 'unused'
        runner = PhasedRunner.from_cfg(cfg)
        for index, name in enumerate(runner.names):
            model = runner.phase_cfg(index).model
            if model.type == 'TruthGuidedDecomposer':  # runs on ground truth alone
                continue
            seen.setdefault(repr(model), (f'{path.stem}-{name}', model))
    return seen.values()


@pytest.mark.parametrize(('name', 'config'), shipped_models())
def test_every_parameter_takes_part(name, config):
    """So that no shipped config needs find_unused_parameters."""
    init_default_scope('depthdecomp_mm')
    with torch.device('meta'):
        model = MODELS.build(config)
        outputs = model.train()(torch.empty(2, 3, 96, 128), mode='tensor')
    sum(output.sum() for output in outputs.values()).backward()
    unused = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert not unused


def evaluate(cfg):
    return DepthRunner.from_cfg(cfg).test()


def test_evaluation_does_not_depend_on_processes_or_batches(tiny_rooms, undisturbed, tmp_path):
    """Five images, which two and three processes cannot share evenly."""
    found = {}
    for world_size, batch_size in ((1, 1), (2, 1), (3, 1), (1, 4), (3, 2)):
        folder = tmp_path / f'{world_size}x{batch_size}'
        folder.mkdir()
        cfg = tiny_config(tiny_rooms, folder / 'work')
        cfg.merge_from_dict({'test_dataloader': dict(num_workers=0, batch_size=batch_size)})
        cfg.test_dataloader.persistent_workers = False
        cfg.test_dataloader.dataset.indices = 5
        cfg.custom_hooks, cfg.launcher = [], 'pytorch'
        cfg.load_from = latest_checkpoint(f'{undisturbed}/phase2')
        cfg.test_evaluator = [
            dict(type=metric, crop=None) for metric in ('DepthMetric', 'KendallTau', 'WHDR')
        ]
        for metrics in run_ranks(evaluate, world_size, folder, cfg):
            if metrics:  # those of the first rank
                found[world_size, batch_size] = metrics
    assert found[1, 1] == found[2, 1] == found[3, 1]
    whdr = found[1, 1]['whdr']
    assert {'rmse', 'tau'} <= set(found[1, 1])
    for metrics in found.values():
        assert metrics.pop('whdr') == pytest.approx(whdr, abs=2e-3)  # 5 of 250,000 pairs
        assert metrics == pytest.approx(found[1, 1], abs=5e-5)
    others = [name for name in found[1, 1] if name != 'whdr']
    worst = max(abs(m[name] - found[1, 1][name]) for m in found.values() for name in others)
    print(f'metrics differ by at most {worst:.1e}')


def test_two_nodes(tiny_rooms, tmp_path):
    """Two launches with one process each, which meet on the loopback address."""
    cfg = tiny_config(tiny_rooms, tmp_path / 'work')
    cfg.phases, cfg.train_cfg.max_epochs = None, 1
    path = tmp_path / 'config.py'
    cfg.dump(path)
    command = ['tools/dist_train.sh', path, '1']
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = str(free.getsockname()[1])
    environment = dict(os.environ, NNODES='2', PORT=port, PYTHON=sys.executable)
    environment |= dict(OMP_NUM_THREADS='1', PYTHONPATH=str(ROOT))
    nodes = [
        subprocess.Popen(
            [*map(str, command)],
            cwd=ROOT,
            env=dict(environment, NODE_RANK=str(rank)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        logs = [node.communicate(timeout=120)[0] for node in nodes]
    finally:
        for node in nodes:
            node.terminate()
    assert [node.returncode for node in nodes] == [0, 0], logs
    assert '2 processes x 4 images make 8 images a step' in logs[0]
    checkpoint = latest_checkpoint(str(tmp_path / 'work'))
    # 8 images in batches of 2 for each of two ranks
    assert read_checkpoint(checkpoint)['meta']['iter'] == 2
