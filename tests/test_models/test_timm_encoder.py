"""The encoder's contract, its pretrained weights and its fixed padding."""

import pytest
import timm
import torch
from torch.nn import functional as F

from depthdecomp_mm.engine import CheckpointError
from depthdecomp_mm.models import TimmEncoder

MODELS = ['resnet18', 'efficientnet_lite0', 'mobilenetv3_small_050', 'convnext_atto']


@pytest.mark.parametrize('name', MODELS)
def test_features_are_timms_and_every_parameter_is_used(name):
    encoder = TimmEncoder(name).eval()
    image = torch.randn(1, 3, 64, 96)
    features = encoder(image)
    assert tuple(f.size(1) for f in features) == encoder.out_channels
    assert [64 // f.size(2) for f in features] == [96 // f.size(3) for f in features]
    assert [64 // f.size(2) for f in features] == [4, 8, 16, 32, 32]
    reference = timm.create_model(name, features_only=True, out_indices=None).eval()
    weights = encoder.timm_model.state_dict()
    if set(reference.state_dict()) <= set(weights):
        reference.load_state_dict({k: weights[k] for k in reference.state_dict()})
        for ours, theirs in zip(features[:4], reference(image)[-4:], strict=True):
            assert torch.allclose(ours, theirs, atol=1e-5)
    sum(f.sum() for f in features).backward()
    assert all(p.grad is not None for p in encoder.parameters())


def test_efficientnet_head_feature_is_that_of_its_classifier():
    encoder = TimmEncoder('efficientnet_lite0').eval()
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(encoder(image)[-1], encoder.timm_model.forward_features(image))
    assert encoder.out_channels == (24, 40, 112, 320, 1280)


@pytest.fixture
def weights_file(tmp_path):
    torch.manual_seed(1)
    model = timm.create_model('resnet18')
    torch.save(model.state_dict(), tmp_path / 'resnet18.pth')
    return model, tmp_path / 'resnet18.pth'


@pytest.mark.parametrize('how', ['checkpoint_path', 'pretrained_cfg'])
def test_pretrained_weights_from_a_local_file(weights_file, how):
    model, path = weights_file
    if how == 'checkpoint_path':
        encoder = TimmEncoder('resnet18', checkpoint_path=str(path))
    else:
        overlay = dict(file=str(path))
        encoder = TimmEncoder('resnet18', pretrained=True, pretrained_cfg_overlay=overlay)
    before = encoder.timm_model.conv1.weight.clone()
    encoder.init_weights()
    assert torch.equal(encoder.timm_model.conv1.weight, model.conv1.weight)
    assert not torch.equal(before, model.conv1.weight)


def test_pretrained_weights_out_of_reach_say_how_to_place_a_file(monkeypatch):
    def offline(*args, **kwargs):
        raise OSError('no network')

    encoder = TimmEncoder('resnet18', pretrained=True)
    monkeypatch.setattr(timm, 'create_model', offline)
    with pytest.raises(CheckpointError, match='resnet18.*checkpoint_path=FILE'):
        encoder.init_weights()


def test_fixed_same_padding_keeps_that_of_its_size():
    """At 456 pixels both paddings agree; elsewhere a strided layer keeps the pads of 456."""
    torch.manual_seed(0)
    dynamic = TimmEncoder('tf_efficientnet_b0').eval()
    static = TimmEncoder('tf_efficientnet_b0', same_padding_size=456).eval()
    static.load_state_dict(dynamic.state_dict())
    with torch.no_grad():
        image = torch.randn(1, 3, 456, 456)
        assert torch.allclose(
            dynamic.timm_model.conv_stem(image), static.timm_model.conv_stem(image)
        )
        # the fourth strided layer saw 57 pixels at 456: pads of one on both sides
        conv = static.timm_model.blocks[3][0].conv_dw
        x = torch.randn(1, conv.in_channels, 48, 48)
        expected = F.conv2d(F.pad(x, (1, 1, 1, 1)), conv.weight, None, 2, groups=conv.in_channels)
        assert torch.equal(conv(x), expected)
        other = dynamic.timm_model.blocks[3][0].conv_dw(x)
        assert other.shape == expected.shape and not torch.allclose(other, expected)


def test_fixed_same_padding_of_branches_that_share_their_input():
    torch.manual_seed(0)
    dynamic = TimmEncoder('tf_mixnet_s').eval()
    static = TimmEncoder('tf_mixnet_s', same_padding_size=96).eval()
    static.load_state_dict(dynamic.state_dict())
    with torch.no_grad():
        image = torch.randn(1, 3, 96, 96)
        for ours, theirs in zip(static(image), dynamic(image), strict=True):
            assert torch.equal(ours, theirs)


def test_fixed_same_padding_needs_a_model_with_same_padding():
    with pytest.raises(ValueError, match='same_padding_size'):
        TimmEncoder('resnet18', same_padding_size=456)
