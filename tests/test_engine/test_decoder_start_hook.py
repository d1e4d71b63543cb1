"""M-Net starts as N-Net is."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MMLogger

from depthdecomp_mm.engine.weights import load_weights
from depthdecomp_mm.registry import HOOKS
from tests.builders import images, light_model

MDR = dict(residual=True, zero_init=True, initial_mean=0.28)


def loaded(state, model):
    """The model with a checkpoint loaded as the runner does."""
    hook = HOOKS.build(dict(type='depthdecomp_mm.DecoderStartHook', scale=0.07, mean=0.28))
    checkpoint = dict(state_dict=state)
    hook.after_load_checkpoint(
        SimpleNamespace(model=model, logger=MMLogger.get_current_instance()), checkpoint
    )
    load_weights(model, checkpoint['state_dict'], 'phase1.pth', strict=False)
    return model.eval()


@pytest.mark.parametrize('mdr', [MDR, None])
@torch.no_grad()
def test_the_metric_map_is_that_of_the_normalized_decoder_scaled_about_the_mean(mdr):
    before = light_model(0, metric_decoder=None)
    model = loaded(before.state_dict(), light_model(1, metric_decoder=dict(mdr=mdr)))
    model.metric_decoder.fusion_weights = 0.0, 1.0
    model.normalized_decoder.fusion_weights = 0.0, 1.0  # each by itself
    raw = model(images(1))
    expected = 0.07 * raw['normalized'] + 0.28
    assert torch.allclose(raw['metric'], expected, atol=1e-5)
    assert raw['metric'].std() > 1e-4


def test_what_a_checkpoint_holds_stays():
    whole = light_model(0)
    model = loaded(whole.state_dict(), light_model(1))
    for name, value in model.state_dict().items():
        assert torch.equal(value, whole.state_dict()[name])


def test_layers_of_another_shape_start_at_random():
    before = light_model(0, metric_decoder=None).state_dict()
    narrow = dict(metric_decoder=dict(channels=(128, 96, 64, 48, 32, 8)))
    fresh = light_model(1, **narrow).state_dict()
    state = loaded(dict(before), light_model(1, **narrow)).state_dict()
    conv, gate = 'last_up.convs.0.weight', 'skips.0.1.squeeze.weight'
    assert torch.equal(state[f'metric_decoder.{conv}'], fresh[f'metric_decoder.{conv}'])
    assert torch.equal(state[f'metric_decoder.{gate}'], before[f'normalized_decoder.{gate}'])
