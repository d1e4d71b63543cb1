"""A training step of a config on a fake GPU."""

import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData

from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.registry import MODELS
from depthdecomp_mm.structures import DepthDataSample
from tests.conftest import ROOT

from .device import fake_cuda
from .waits import HostWaits

PRECISIONS = ('float32', 'bfloat16', 'float16')


def config_of(name, phase):
    cfg = read_config(ROOT / 'configs' / 'depthdecomp' / f'{name}.py')
    return phase_config(cfg, phase, {'model.encoder.pretrained': False})


def model_of(cfg):
    init_default_scope('depthdecomp_mm')
    return MODELS.build(cfg.model).train()


def check_step(cfg, model, precision):
    """Train a model on a batch, and make sure that the host does not wait for the GPU meanwhile."""
    with fake_cuda(model):
        optimiser = _optimiser(cfg, model, precision)
        with HostWaits() as waits:
            outputs = model.train_step(batch_of(cfg), optimiser)
        assert {(t.dtype, t.device.type) for t in outputs.values()} == {(torch.float32, 'cuda')}
        states = optimiser.optimizer.state  # of what had a gradient
        assert [name for name, p in model.named_parameters() if p not in states] == []
        assert all(state['exp_avg'].is_cuda for state in states.values())
    scaler = ['loss_scaler.step(' in place for place in waits.places]  # did gradients overflow?
    assert scaler == [True] * (precision == 'float16'), waits.places
    assert 1 <= waits.seen['copy'] <= 2


def batch_of(cfg, count=2, scale=None):
    """What a data loader gives, half of it metric; made where tensors are fake."""
    labels = ('metric', 'none' if 'teacher' in cfg.model else 'relative')
    width, height = scale or cfg.scale
    samples = []
    for i in range(count):
        meta = dict(label_type=labels[i % 2], img_shape=(height, width))
        sample = DepthDataSample(metainfo=meta)
        sample.gt_depth_map = PixelData(data=torch.empty(1, height, width))
        sample.gt_valid_mask = PixelData(data=torch.empty(1, height, width, dtype=torch.bool))
        samples.append(sample)
    images = [torch.empty(3, height, width, dtype=torch.uint8) for _ in samples]
    return dict(inputs=images, data_samples=samples)


def _optimiser(cfg, model, precision):
    kind = dict(type='OptimWrapper')
    if precision != 'float32':
        kind = dict(type='AmpOptimWrapper', dtype=precision)
    return build_optim_wrapper(model, dict(kind, optimizer=cfg.optim_wrapper.optimizer))
