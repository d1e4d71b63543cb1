"""Backbones of other toolboxes: a scope of its own, strides, parameters without use."""

import pytest
import torch
from mmengine.model import BaseModule
from mmengine.registry import MODELS as ROOT_MODELS
from mmengine.registry import DefaultScope, Registry
from torch import nn

from depthdecomp_mm.models import WrappedEncoder
from depthdecomp_mm.registry import MODELS
from tests.builders import images, light_model, sample

TOOLBOX = Registry('model', parent=ROOT_MODELS, scope='toolbox', locations=[])


@TOOLBOX.register_module()
class Stage(nn.Sequential):
    def __init__(self, in_channels, channels, stride):
        conv = nn.Conv2d(in_channels, channels, stride, stride=stride)
        super().__init__(conv, nn.BatchNorm2d(channels), nn.ReLU())


@TOOLBOX.register_module()
class Backbone(BaseModule):
    """Built of parts that only its own scope knows, with one level more than is asked for."""

    def __init__(self, strides=(4, 2, 2, 2, 2), out_indices=(0, 1, 2, 3), init_cfg=None):
        super().__init__(init_cfg)
        self.out_indices = out_indices
        widths = [3, *(8 * 2**i for i in range(len(strides)))]
        self.stages = nn.ModuleList(
            TOOLBOX.build(dict(type='Stage', in_channels=a, channels=b, stride=s))
            for a, b, s in zip(widths, widths[1:], strides, strict=False)
        )

    def get_layer_depth(self, name, prefix=''):
        return int(name.removeprefix(prefix).split('.')[1]), len(self.stages)

    def forward(self, x):
        outs = []
        for i, stage in enumerate(self.stages):
            x = stage(x)
            if i in self.out_indices:
                outs.append(x)
        return tuple(outs)


@TOOLBOX.register_module()
class Transformer(BaseModule):
    """Maps of four blocks, all at one stride."""

    def __init__(self, stride=16, blocks=4, init_cfg=None):
        super().__init__(init_cfg)
        self.embed = nn.Conv2d(3, 32, stride, stride=stride)
        self.blocks = nn.ModuleList(nn.Conv2d(32, 32, 1) for _ in range(blocks))

    def forward(self, x):
        x = self.embed(x)
        return tuple(x := block(x) for block in self.blocks)


@TOOLBOX.register_module()
class Dilated(Backbone):
    """Its strides are options of the base class, which come by keyword."""

    def __init__(self, dilations=(1, 1, 1, 1), **kwargs):
        super().__init__(**kwargs)


@TOOLBOX.register_module()
class Detached(Backbone):
    def forward(self, x):
        return tuple(feature.detach() for feature in super().forward(x))


@TOOLBOX.register_module()
class FixedSize(Backbone):
    def forward(self, x):
        return super().forward(x + torch.zeros(1, 3, 224, 224))


def wrapped(**kwargs):
    return dict(type='WrappedEncoder', backbone=dict(type='toolbox.Backbone', **kwargs))


def test_trains_in_our_network_without_unused_parameters():
    model = light_model(encoder=dict(_delete_=True, **wrapped())).train()
    assert model.encoder.out_channels == (8, 16, 32, 64, 64)
    assert model.encoder.backbone.training
    frozen = {n for n, p in model.encoder.named_parameters() if not p.requires_grad}
    assert frozen and all(name.startswith('backbone.stages.4.') for name in frozen)
    sum(model(images(), [sample(), sample(seed=1)], mode='loss').values()).backward()
    assert [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None] == []
    assert model.encoder.layer_ids()['backbone.stages.2.0.weight'] == 2


def test_building_leaves_statistics_and_gradients_alone():
    encoder = WrappedEncoder(dict(type='toolbox.Backbone'))
    assert all(p.grad is None for p in encoder.parameters())
    assert encoder.backbone.stages[0][1].num_batches_tracked == 0
    with torch.no_grad():
        assert WrappedEncoder(dict(type='toolbox.Backbone')).out_channels[0] == 8


@pytest.mark.parametrize(
    'kwargs, shapes',
    [
        (dict(strides=(2, 2, 2, 2)), r'\(1, 8, 128, 128\), \(1, 16, 64, 64\)'),
        (dict(out_indices=(3,)), r'\[\(1, 64, 8, 8\)\]'),
    ],
)
def test_other_strides_are_refused(kwargs, shapes):
    with pytest.raises(ValueError, match=f'toolbox.Backbone cannot.*{shapes}.*out_indices'):
        WrappedEncoder(dict(type='toolbox.Backbone', **kwargs))


@pytest.mark.parametrize('name', ['toolbox.Backbones', 'no_such_toolbox.ResNet'])
def test_a_missing_toolbox_or_backbone_is_named(name):
    with pytest.raises(ValueError, match=f"{name} is not there: the toolbox '.*' is not installed"):
        WrappedEncoder(dict(type=name))


@pytest.mark.parametrize('stride', [8, 16, 32])
def test_a_neck_makes_a_pyramid_of_a_vision_transformer(stride):
    neck, backbone = dict(type='ViTPyramid'), dict(type='toolbox.Transformer', stride=stride)
    encoder = dict(_delete_=True, type='WrappedEncoder', backbone=backbone, neck=neck)
    model = light_model(encoder=encoder).train()
    assert model.encoder.out_channels == (4, 8, 16, 32, 32)
    assert [f.shape[-1] for f in model.encoder(images(1, (64, 96)))] == [24, 12, 6, 3, 3]
    sum(model(images(), [sample(), sample(seed=1)], mode='loss').values()).backward()
    assert [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None] == []


@pytest.mark.parametrize(
    'backbone, neck, words',
    [
        (dict(type='Transformer'), None, "gives .*; set neck=dict.type='ViTPyramid'."),
        (dict(type='Transformer', blocks=3), True, 'its neck needs four features of one stride'),
        (dict(type='Backbone'), True, 'its neck needs four features of one stride'),
        (
            dict(type='Dilated', strides=(4, 2, 1, 1), dilations=(1, 1, 2, 4)),
            None,
            r'set strides=\(4, 2, 2, 2, 2\) and dilations=\(1, 1, 1, 1\),',
        ),
        (dict(type='Detached'), None, r'has 20 parameters to train, but its features carry no'),
        (dict(type='FixedSize'), None, 'image of 256 x 256 does not pass it: .*tensor'),
    ],
)
def test_what_cannot_serve_is_told_what_to_set(backbone, neck, words):
    backbone = dict(backbone, type=f'toolbox.{backbone["type"]}')
    with pytest.raises((ValueError, RuntimeError), match=f'toolbox.*{words}'):
        WrappedEncoder(backbone, neck=neck and dict(type='ViTPyramid'))


@pytest.mark.parametrize('scope', ['toolbox', 'depthdecomp_mm'])
def test_a_backbone_without_prefix_is_of_the_host(scope):
    """Whose scope ours lies upon, where our network is marked as ours, as a shipped config is."""
    backbone = dict(type='Backbone', strides=(4, 2, 2, 2))
    decoder = dict(type='DepthDecoder', channels=[8] * 6)
    config = dict(encoder=dict(type='WrappedEncoder', backbone=backbone), metric_decoder=decoder)
    with DefaultScope.overwrite_default_scope('toolbox'):
        model = MODELS.build(dict(config, type='depthdecomp_mm.DepthDecomposer', _scope_=scope))
        assert isinstance(model.encoder.backbone, Backbone)
        backbone['type'] = 'Backbones'
        with pytest.raises(ValueError, match="Backbones is not there: .*'toolbox' is not"):
            MODELS.build(dict(config, type='depthdecomp_mm.DepthDecomposer', _scope_=scope))
