"""Fast ways through the network give what the plain one does."""

from __future__ import annotations

import copy

import pytest
import torch

from depthdecomp_mm.models.conv_bn_folding import fuse_conv_bn
from tests.builders import images, light_model


def prepared(**overrides):
    """A light model in evaluation mode whose BatchNorm layers have seen images."""
    model = light_model(**overrides).train()
    with torch.no_grad():
        model.raw_outputs(images(4))
    return model.eval()


def assert_same(found, expected, tolerance=1e-5):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        difference = (found[name] - value).abs().max() / value.abs().max()
        assert difference <= tolerance, (name, difference)


@pytest.mark.parametrize(
    'name', ['mobilenetv4_conv_small', 'tf_efficientnet_b0', 'resnet18', 'convnext_atto']
)
@torch.no_grad()
def test_folding_batchnorm_keeps_the_outputs(name):
    model = prepared(encoder=dict(model_name=name))
    expected = model.raw_outputs(images(2))
    fused = copy.deepcopy(model)
    count = fuse_conv_bn(fused)
    norms = sum(isinstance(m, torch.nn.BatchNorm2d) for m in model.modules())
    assert count == norms, f'{norms - count} of {norms} BatchNorm layers are left'
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in fused.modules())
    assert_same(fused.raw_outputs(images(2)), expected)


@torch.no_grad()
def test_folding_is_checked_in_full_precision():
    """cuDNN's TF32 would hide what folding changes, or make it look large."""
    model, seen = prepared(), []
    model.encoder.register_forward_hook(lambda *_: seen.append(torch.backends.cudnn.enabled))
    fuse_conv_bn(model)
    assert seen == [False, False] and torch.backends.cudnn.enabled


@pytest.mark.skipif(not hasattr(torch.backends.cudnn, 'conv'), reason='came with torch 2.9')
@torch.no_grad()
def test_folding_leaves_the_users_precision_alone():
    """Set for convolutions alone, it clashes with what PyTorch knows of all of cuDNN."""
    conv, before = torch.backends.cudnn.conv, torch.backends.cudnn.conv.fp32_precision
    conv.fp32_precision = 'ieee'
    try:
        assert fuse_conv_bn(prepared()) > 0
        assert conv.fp32_precision == 'ieee'
    finally:
        conv.fp32_precision = before


def test_folding_is_refused_while_training():
    with pytest.raises(ValueError, match='evaluation mode'):
        fuse_conv_bn(light_model().train())


@torch.no_grad()
def test_folding_that_changes_outputs_is_refused(monkeypatch):
    model = prepared()
    monkeypatch.setattr(
        'depthdecomp_mm.models.conv_bn_folding.fuse_conv_bn_weights',
        lambda weight, bias, *_: (weight, bias),
    )
    with pytest.raises(RuntimeError, match='changed by .* expected at most'):
        fuse_conv_bn(model)


@torch.no_grad()
def test_channels_last_keeps_the_outputs():
    model, plain = prepared(), light_model(channels_last=False).eval()
    plain.load_state_dict(model.state_dict())
    assert model.memory_format != plain.memory_format
    assert_same(model.raw_outputs(images(2)), plain.raw_outputs(images(2)))


@torch.no_grad()
def test_compiled_network_serves_every_mode_and_its_copies_have_their_own_weights():
    model = prepared()
    expected = model.raw_outputs(images(2))
    calls = []

    def backend(graph, _):
        calls.append(graph)
        return graph.forward

    model.compile(backend=backend)
    assert_same(model(images(2)), expected)
    assert calls
    other = copy.deepcopy(model)
    for parameter in other.metric_decoder.predict.parameters():
        parameter.zero_()
    assert_same(model.raw_outputs(images(2)), expected)
    changed = other.raw_outputs(images(2))
    assert (changed['metric'] - changed['mean']).abs().max() < 1e-6


@pytest.mark.parametrize('one_batch', [True, False])
@torch.no_grad()
def test_flip_test_is_the_mean_of_both(one_batch, monkeypatch):
    place = 'depthdecomp_mm.models.prediction._better_in_one_batch'
    monkeypatch.setattr(place, lambda inputs: one_batch)
    model = prepared()
    model.metric_decoder.predict.bias += 0.5  # depths that are not limited to the range
    model.test_cfg.update(outputs=('normalized', 'gradients', 'mean'), flip_test=True)
    both = model.predict(images(2))
    model.test_cfg['flip_test'] = False
    plain, mirrored = model.predict(images(2)), model.predict(images(2).flip(-1))
    for one, first, second in zip(both, plain, mirrored, strict=True):
        mean = (first.pred_depth_map.data + second.pred_depth_map.data.flip(-1)) / 2
        torch.testing.assert_close(one.pred_depth_map.data, mean, rtol=1e-5, atol=1e-6)
        gradients = first.pred_gradient_maps.data
        torch.testing.assert_close(one.pred_gradient_maps.data, gradients, rtol=1e-4, atol=1e-6)
        assert one.pred_mean == pytest.approx((first.pred_mean + second.pred_mean) / 2, rel=1e-5)
