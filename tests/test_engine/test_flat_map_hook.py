"""A decoder that has died is named, though its losses are finite."""

import logging
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from depthdecomp_mm.engine import FlatMapHook
from depthdecomp_mm.engine.hooks.flat_map_hook import relative_spread
from depthdecomp_mm.registry import HOOKS
from tests.builders import images, light_model, sample
from tests.conftest import ROOT
from tests.test_configs import phased

DECODERS = dict(
    gradients='gradient_decoder', normalized='normalized_decoder', metric='metric_decoder'
)


def bury(decoder):
    """Let the last ReLU give zero everywhere."""
    last = [layer for layer in decoder.last_up.modules() if isinstance(layer, nn.Conv2d)][-1]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, -1)


def an_epoch(hook, model, batches):
    """Warnings of an epoch over batches of label types."""
    runner = SimpleNamespace(model=model, epoch=0, logger=logging.getLogger('flat'))
    hook.before_train_epoch(runner)
    for index, labels in enumerate(batches):
        samples = [sample(label_type=label, seed=i) for i, label in enumerate(labels)]
        with torch.no_grad():
            losses = model.loss(images(len(samples)), samples)
        assert all(torch.isfinite(loss) for loss in losses.values())
        hook.after_train_iter(runner, index)
    hook.after_train_epoch(runner)


@pytest.mark.parametrize('dead', [None, *DECODERS])
def test_a_dead_decoder_is_named_within_an_epoch(dead, caplog):
    model = light_model()
    if dead:
        bury(getattr(model, DECODERS[dead]))
    hook = HOOKS.build(dict(type='depthdecomp_mm.FlatMapHook', interval=2))
    batches = [('metric', 'relative')] * 4 + [('relative', 'relative')] * 2  # no metres at the end
    an_epoch(hook, model, batches)
    found = [record.getMessage() for record in caplog.records]
    assert len(found) == bool(dead)
    if dead:
        assert f'Epoch 1: the map {dead!r} is flat' in found[0]
        assert 'optim_wrapper.optimizer.lr' in found[0]
        assert ('initial_mean' in found[0]) == (dead == 'metric')


def test_an_epoch_without_labels_and_a_foreign_model_say_nothing(caplog):
    an_epoch(FlatMapHook(interval=1), light_model(), [('relative',)])
    runner = SimpleNamespace(model=nn.Linear(1, 1), epoch=0, logger=logging.getLogger('flat'))
    FlatMapHook(interval=1).after_train_iter(runner, 0)
    assert not caplog.records


def test_only_valid_pixels_count():
    target = torch.tensor([0.0, 2.0, 50.0]).view(1, 1, 1, 3)
    pred = torch.tensor([7.0, 8.0, float('nan')]).view(1, 1, 1, 3)
    mask = torch.tensor([True, True, False]).view(1, 1, 1, 3)
    assert relative_spread(pred, target, mask).item() == pytest.approx(0.5)
    assert relative_spread(pred, target, mask & False).isnan()


def test_training_has_it():
    cfg = phased(ROOT / 'configs' / 'depthdecomp' / 'nyu_51k.py').phase_cfg(1)
    assert cfg.default_hooks.flat_maps.type == 'FlatMapHook'
