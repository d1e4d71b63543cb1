"""Accumulation, clipping and mixed precision, by config."""

import functools

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from torch import nn

from depthdecomp_mm.engine import AmpOptimWrapper
from depthdecomp_mm.registry import MODELS
from tests.builders import light_model, sample

SGD = dict(type='SGD', lr=1.0)


def trainable(seed=0):
    """The light network, without what depends on the batch or on chance."""
    model = light_model(seed, metric_decoder=dict(mdr=dict(dropout=0.0)))
    for module in model.train().modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
            module.train = lambda mode=True, module=module: module  # stay so
    return model


def batch(*seeds):
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    inputs = [torch.randint(256, (3, 32, 64), generator=g, dtype=torch.uint8) for g in generators]
    return dict(inputs=inputs, data_samples=[sample((32, 64), seed=seed) for seed in seeds])


def train(config, *batches):
    """Parameters before and after, and the log of the last step."""
    model = trainable()
    optim = build_optim_wrapper(model, dict(optimizer=SGD, **config))
    optim.initialize_count_status(model, 0, len(batches))
    before = torch.cat([p.detach().flatten().clone() for p in model.parameters()])
    for data in batches:
        log = model.train_step(data, optim)
    return before, torch.cat([p.detach().flatten() for p in model.parameters()]), log


def test_accumulation_is_one_step_with_the_larger_batch():
    whole = train(dict(type='OptimWrapper'), batch(0, 1, 2, 3))
    parts = train(dict(type='OptimWrapper', accumulative_counts=2), batch(0, 1), batch(2, 3))
    assert torch.allclose(whole[1], parts[1], atol=1e-5)
    assert (whole[0] - whole[1]).abs().max() > 1e-2


def test_clipping_bounds_the_step():
    before, after, _ = train(dict(type='OptimWrapper', clip_grad=dict(max_norm=0.5)), batch(0))
    assert (after - before).norm().item() == pytest.approx(0.5, rel=1e-3)


@pytest.mark.skipif(torch.cuda.is_available(), reason='for CPUs')
def test_bfloat16_trains_with_losses_in_float32(monkeypatch):
    seen, loss = [], MODELS.get('depthdecomp_mm.L1Loss')
    forward = loss.forward

    @functools.wraps(forward)  # the model asks for its arguments
    def watched(self, pred, *args, **kwargs):
        seen.append(pred.dtype)
        return forward(self, pred, *args, **kwargs)

    monkeypatch.setattr(loss, 'forward', watched)
    before, after, log = train(dict(type='AmpOptimWrapper', dtype='bfloat16'), batch(0))
    exact = train(dict(type='OptimWrapper'), batch(0))
    assert set(seen) == {torch.float32}
    assert log['loss'].dtype == torch.float32 and log['loss'].item() == pytest.approx(
        exact[2]['loss'].item(), rel=0.02
    )
    # near the float32 run, but not the same: it did run in bfloat16
    assert 0 < (after - exact[1]).norm() < 0.3 * (exact[1] - before).norm()


@pytest.mark.skipif(torch.cuda.is_available(), reason='for CPUs')
def test_float16_is_refused_on_a_cpu():
    with pytest.raises(ValueError, match="dtype is 'float16', expected 'bfloat16'"):
        AmpOptimWrapper(optimizer=torch.optim.SGD(nn.Linear(1, 1).parameters()), dtype='float16')


@pytest.mark.parametrize('fused', [False, True])
def test_skipped_steps_are_counted(fused):
    layer = nn.Linear(1, 1)
    optim = AmpOptimWrapper(optimizer=torch.optim.SGD(layer.parameters(), lr=0.1, fused=fused))
    optim.loss_scaler = torch.amp.GradScaler('cpu')
    assert optim.scales_loss
    counts = []
    for factor in (1.0, float('inf'), float('nan'), 1.0):
        before = layer.weight.item()
        optim.update_params((layer(torch.ones(1, 1)) * factor).sum())
        assert (layer.weight.item() == before) == (factor != 1.0)
        counts.append((optim.skipped, optim.skipped_in_all))
    assert counts == [(0, 0), (1, 1), (2, 2), (0, 2)]


@pytest.mark.parametrize('saved', [None, 8.0])
@pytest.mark.parametrize('own', [None, 4.0])
def test_a_run_goes_on_with_another_precision(saved, own):
    """A loss scale is that of float16 alone; it is taken over if both runs have one."""

    def build(scale):
        parameters = nn.Linear(1, 1).parameters()
        optim = AmpOptimWrapper(optimizer=torch.optim.Adam(parameters, lr=0.5))
        optim.loss_scaler = torch.amp.GradScaler('cpu', scale or 1.0, enabled=bool(scale))
        return optim

    state = build(saved).state_dict()
    state['param_groups'][0]['lr'] = 0.25
    optim = build(own)
    optim.load_state_dict(state)
    assert optim.get_lr()['lr'] == [0.25]
    assert optim.loss_scaler.get_scale() == ((saved or own) if own else 1.0)
