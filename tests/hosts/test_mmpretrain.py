"""Backbones of mmpretrain as encoders, where it is installed."""

import pytest
import torch

from depthdecomp_mm.models import WrappedEncoder
from tests.builders import images, light_model, sample

pytest.importorskip('mmpretrain', reason='mmpretrain is not installed')
LEVELS = dict(out_indices=(0, 1, 2, 3))
BACKBONES = [
    (dict(type='mmpretrain.ResNet', depth=50), (256, 512, 1024, 2048, 2048)),
    (
        dict(type='mmpretrain.SwinTransformer', arch='tiny', pad_small_map=True),
        (96, 192, 384, 768, 768),
    ),
    (dict(type='mmpretrain.ConvNeXt', arch='atto', gap_before_final_norm=False), None),
]


@pytest.mark.parametrize('backbone, channels', BACKBONES, ids=lambda b: str(b)[:40])
def test_trains_in_our_network(backbone, channels):
    encoder = dict(_delete_=True, type='WrappedEncoder', backbone=dict(backbone, **LEVELS))
    model = light_model(encoder=encoder).train()
    model.init_weights()
    assert channels in (None, model.encoder.out_channels)
    terms = model(images(2, (64, 96)), [sample((64, 96)), sample((64, 96), seed=1)], mode='loss')
    sum(terms.values()).backward()
    assert [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None] == []
    with torch.no_grad():
        assert model.eval()(images(1, (64, 96)))['metric'].shape == (1, 1, 32, 48)


def test_options_are_the_backbones_own():
    backbone = dict(type='mmpretrain.ResNet', depth=18, frozen_stages=1, with_cp=False)
    encoder = WrappedEncoder(dict(backbone, **LEVELS)).train()
    assert not any(p.requires_grad for p in encoder.backbone.layer1.parameters())
    assert all(p.requires_grad for p in encoder.backbone.layer2.parameters())


def test_the_last_stage_alone_is_refused():
    with pytest.raises(ValueError, match='mmpretrain.ResNet cannot serve.*out_indices'):
        WrappedEncoder(dict(type='mmpretrain.ResNet', depth=18))
