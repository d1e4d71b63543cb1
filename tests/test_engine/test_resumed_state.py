"""With EMA, accumulation, clipping and mixed precision, a resumed run ends with the same bits."""

import pytest
import torch
from mmengine.hooks import EMAHook, Hook

from depthdecomp_mm.engine import DepthRunner, accumulation
from depthdecomp_mm.engine.checkpoint import latest_checkpoint, read_checkpoint
from tests.reliability.kill_and_resume import checkpoint_differences, tiny_config
from tests.reliability.ranks import run_ranks

CLIP = dict(clip_grad=dict(max_norm=1.0))
SETTINGS = {
    'clipping': CLIP,
    'clipping, accumulation': dict(accumulative_counts=3, **CLIP),
    'bfloat16, clipping, accumulation': dict(
        type='AmpOptimWrapper', dtype='bfloat16', accumulative_counts=3, **CLIP
    ),
}


class Stop(Hook):
    """Ends training before an iteration."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 5:
            raise KeyboardInterrupt


def build(rooms, work_dir, optim, resume=False):
    """A runner of two epochs of four iterations, with a checkpoint after each fourth."""
    cfg = tiny_config(rooms, work_dir, by_epoch=False)
    cfg.train_dataloader.num_workers, cfg.train_dataloader.persistent_workers = 0, False
    cfg.pop('phases')
    cfg.train_cfg.max_epochs = 2
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.model.encoder.model_name = 'mobilenetv3_small_050'
    cfg.default_hooks.checkpoint.interval = 4
    cfg.default_hooks.checkpoint.max_keep_ckpts = -1
    cfg.optim_wrapper.update(optim)
    cfg.resume = resume
    return DepthRunner.from_cfg(cfg)


@pytest.mark.parametrize('name', SETTINGS)
def test_resumed_with_the_same_bits(name, tiny_rooms, tmp_path, monkeypatch):
    whole, parts, optim = tmp_path / 'whole', tmp_path / 'parts', SETTINGS[name]
    build(tiny_rooms, whole, optim).train()
    runner = build(tiny_rooms, parts, optim)
    runner.register_hook(Stop())
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    saved = read_checkpoint(latest_checkpoint(str(parts)))
    assert saved['meta']['iter'] == 4
    # the fourth iteration is the first of three whose gradients are applied together
    assert (accumulation.KEY in saved) == ('accumulation' in name)
    runner = build(tiny_rooms, parts, optim, resume=True)
    # a checkpoint is read to the CPU, whichever device trains: there Adam's step stays
    monkeypatch.setattr('mmengine.runner.runner.get_device', lambda: 'meta')
    runner.train()
    assert not checkpoint_differences(whole, parts)
    (ema,) = (hook for hook in runner.hooks if isinstance(hook, EMAHook))
    average = dict(ema.ema_model.module.named_parameters())
    assert any(not torch.equal(average[n], p) for n, p in runner.model.named_parameters())


def exchange():
    """A gradient that one of the ranks alone has, and one that both have."""
    rank = torch.distributed.get_rank()
    model = torch.nn.ParameterDict(dict(a=torch.zeros(2), b=torch.zeros(2)))
    model['a'].grad = torch.full((2,), 1.0 + rank)
    if rank:
        model['b'].grad = torch.ones(2)
    found = accumulation.collect_gradients(model)
    accumulation.restore_gradients(model, found)
    return {name: parameter.grad.tolist() for name, parameter in model.named_parameters()}


def test_ranks_save_the_mean_of_their_gradients(tmp_path):
    for found in run_ranks(exchange, 2, tmp_path):
        assert found == dict(a=[1.5, 1.5], b=[0.5, 0.5])
