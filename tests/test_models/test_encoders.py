"""Vision transformers, frozen stages, checkpointing and layer-wise decay of encoders."""

import pytest
import torch
from mmengine.model import convert_sync_batchnorm, revert_sync_batchnorm
from mmengine.optim import build_optim_wrapper
from torch import nn

from depthdecomp_mm.models import DepthDecoder, TimmEncoder, TimmViTEncoder, ViTPyramid
from tests.builders import light_model

VIT = 'vit_tiny_patch16_224'
SWIN = 'swin_tiny_patch4_window7_224'
# the same structure, small enough for a test
TINY_VIT = dict(embed_dim=48, depth=4, num_heads=3)
TINY_SWIN = dict(embed_dim=12, depths=(2, 2, 2, 2), num_heads=(1, 1, 2, 2))
VITS = [
    ('vit_small_patch14_dinov2', 14, (28, 42)),
    ('vit_small_patch14_reg4_dinov2', 14, (28, 42)),
    ('vit_tiny_patch16_dinov3_qkvb', 16, (32, 48)),
    (VIT, 16, (32, 48)),
    ('vit_small_patch8_224', 8, (32, 48)),
    ('vit_base_patch32_224', 32, (32, 48)),
]
HIERARCHICAL = [
    (SWIN, TINY_SWIN),
    ('mobilenetv4_conv_small', {}),
    ('regnety_002', {}),
    ('pvt_v2_b0', {}),
]


@pytest.fixture(scope='module', autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # models are small for two
    yield
    torch.set_num_threads(before)


def assert_contract(encoder, size=(64, 96)):
    features = encoder(torch.randn(1, 3, *size))
    assert [tuple(f.shape[2:]) for f in features] == [
        (size[0] // stride, size[1] // stride) for stride in (4, 8, 16, 32, 32)
    ]
    assert tuple(f.size(1) for f in features) == encoder.out_channels
    sum(f.sum() for f in features).backward()
    assert [k for k, p in encoder.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize('name, small', HIERARCHICAL, ids=[h[0] for h in HIERARCHICAL])
def test_hierarchical_models_by_name(name, small):
    assert_contract(TimmEncoder(name, **small))


@pytest.mark.parametrize('name, patch, seen', VITS, ids=[v[0] for v in VITS])
def test_vision_transformers_keep_the_strides_of_the_input(name, patch, seen):
    """At 32 x 48 pixels the transformer sees whole patches, one for 16 x 16 at patch size 14."""
    encoder = TimmViTEncoder(name, **TINY_VIT)
    assert encoder.patch_size == patch and encoder.out_indices == [0, 1, 2, 3]
    sizes = []
    patch_embed = encoder.timm_model.patch_embed
    patch_embed.register_forward_pre_hook(lambda _, args: sizes.append(args[0].shape[-2:]))
    assert_contract(encoder)
    assert sizes == [(2 * seen[0], 2 * seen[1])]


def test_blocks_of_a_vision_transformer():
    torch.manual_seed(0)
    encoder = TimmViTEncoder(VIT, embed_dim=48).eval()
    assert encoder.out_indices == [2, 5, 8, 11]
    assert len(TimmViTEncoder(VIT, embed_dim=48, out_indices=(0, 1, 2, 3)).timm_model.blocks) == 4
    maps = []
    encoder.neck.register_forward_pre_hook(lambda _, args: maps.extend(args[0]))
    image = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        encoder(image)
        tokens = encoder.timm_model.forward_features(image)[:, 1:]
    assert torch.allclose(maps[-1], tokens.mT.reshape(1, 48, 4, 6), atol=1e-5)


@pytest.mark.parametrize('indices', [(0, 1, 2), (0, 1, 2, 12), (3, 2, 1, 0), (-4, -3, -2, -1)])
def test_blocks_must_be_four_in_order(indices):
    with pytest.raises(ValueError, match='blocks 0 to 11 .*shallowest first'):
        TimmViTEncoder(VIT, embed_dim=48, out_indices=indices)


@pytest.mark.parametrize(
    'encoder, name, message',
    [
        (TimmEncoder, VIT, r'offers strides \[16\]; .* serve in TimmViTEncoder'),
        (TimmViTEncoder, SWIN, r'strides \[4, 8, 16, 32\]; TimmEncoder'),
        (TimmViTEncoder, 'resnet18', 'cannot serve as plain vision transformer'),
        (TimmViTEncoder, 'vit_unheard_of', 'timm has no model'),
    ],
)
def test_models_that_do_not_serve_are_refused(encoder, name, message):
    small = TINY_SWIN if name == SWIN else {}
    with pytest.raises(ValueError, match=message):
        encoder(name, **small)


def test_arguments_of_one_model_are_not_inherited_by_another():
    args = dict(mobilenetv4_conv_small=dict(bn_momentum=0.03, drop_path_rate=0.2))
    own = TimmEncoder('mobilenetv4_conv_small.e1200_r224_in1k', model_args=args)
    assert own.timm_model.bn1.momentum == 0.03
    other = TimmEncoder('mobilenetv4_conv_small', model_args=args, bn_momentum=0.05)
    assert other.timm_model.bn1.momentum == 0.05  # what is said of this encoder comes first
    assert TimmEncoder('resnet18', model_args=args).timm_model.bn1.momentum == 0.1
    assert TimmViTEncoder(VIT, model_args=args, **TINY_VIT).out_channels
    with pytest.raises(ValueError, match="timm has no model 'resnet19'"):
        TimmEncoder('resnet18', model_args=dict(resnet19={}))


def test_pyramid_refuses_strides_it_cannot_reach():
    with pytest.raises(ValueError, match='power of two'):
        ViTPyramid(8, in_stride=14)


@pytest.mark.parametrize('stages, frozen', [(0, 'conv1 bn1'), (2, 'conv1 bn1 layer1 layer2')])
def test_frozen_stages(stages, frozen):
    encoder = TimmEncoder('resnet10t', frozen_stages=stages).train()
    kept = {k.split('.')[1] for k, p in encoder.named_parameters() if not p.requires_grad}
    learnt = {k.split('.')[1] for k, p in encoder.named_parameters() if p.requires_grad}
    assert kept == set(frozen.split()) and not kept & learnt
    before = encoder.timm_model.bn1.running_mean.clone(), encoder.timm_model.layer4[0].bn1
    late = before[1].running_mean.clone()
    encoder(torch.randn(2, 3, 64, 64))
    assert torch.equal(encoder.timm_model.bn1.running_mean, before[0])
    assert not torch.equal(before[1].running_mean, late)


def test_frozen_blocks_of_a_vision_transformer():
    encoder = TimmViTEncoder(VIT, frozen_stages=4, **TINY_VIT)
    assert not any(p.requires_grad for k, p in encoder.named_parameters() if '.blocks.' in k)
    assert all(p.requires_grad for p in encoder.neck.parameters())


def test_too_many_frozen_stages_are_refused():
    with pytest.raises(ValueError, match='frozen_stages=5: .* has stages 0 .stem. to 4'):
        TimmEncoder('resnet10t', frozen_stages=5)


def saved_values(encoder):
    """Number of values that are kept for the backward pass, beside parameters."""
    count, ours = [], {p.data_ptr() for p in encoder.parameters()}
    pack = lambda x: count.append(0 if x.data_ptr() in ours else x.numel()) or x  # noqa: E731
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        encoder(torch.randn(1, 3, 64, 64))
    return sum(count)


@pytest.mark.parametrize(
    'encoder, name, small',
    [
        (TimmEncoder, 'resnet10t', {}),
        (TimmEncoder, 'convnext_atto', dict(depths=(2, 2, 2, 2), dims=(8, 8, 8, 8))),
        (TimmEncoder, SWIN, TINY_SWIN),
        (TimmEncoder, 'efficientnet_lite0', {}),
        (TimmEncoder, 'mobilenetv4_conv_small_035', {}),
        (TimmViTEncoder, VIT, TINY_VIT),
    ],
)
def test_checkpointing_keeps_less(encoder, name, small):
    usual, checkpointed = (
        saved_values(encoder(name, grad_checkpointing=on, **small)) for on in (False, True)
    )
    assert checkpointed < 0.75 * usual


def test_stochastic_depth_is_on():
    encoder = TimmViTEncoder(VIT, drop_path_rate=0.5, **TINY_VIT).train()
    image = torch.randn(1, 3, 64, 64)
    torch.manual_seed(0)
    assert not torch.equal(encoder(image)[-1], encoder(image)[-1])


@pytest.mark.parametrize('name', ['tf_efficientnet_lite0', 'resnet10t'])
def test_activations_survive_foreign_conversions_of_batchnorm(name):
    """MMEngine's runner and PyTorch replace timm's fused BatchNorm by a plain one, and back."""
    torch.manual_seed(0)
    encoder = TimmEncoder(name).eval()
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        expected = encoder(image)
        synced = convert_sync_batchnorm(encoder, 'torch')
        assert any(isinstance(m, nn.SyncBatchNorm) for m in synced.modules())
        back = revert_sync_batchnorm(synced).eval()
        assert not any(isinstance(m, nn.SyncBatchNorm) for m in back.modules())
        for ours, theirs in zip(back(image), expected, strict=True):
            assert torch.allclose(ours, theirs, atol=1e-6)


def test_widths_of_the_decoder_follow_the_encoder():
    assert DepthDecoder((40, 64, 176, 512, 2048), 1).channels == (1024, 512, 256, 128, 64, 32)
    assert DepthDecoder((48, 96, 192, 384, 384), 1).channels == (192, 96, 48, 32, 32, 32)
    given = (64, 48, 32, 24, 16, 8)
    assert DepthDecoder((48, 96, 192, 384, 384), 1, channels=given).channels == given


def layer_decay(model, decay=0.5, **paramwise):
    return build_optim_wrapper(
        model,
        dict(
            type='OptimWrapper',
            optimizer=dict(type='Adam', lr=1.0, weight_decay=0.1),
            constructor='depthdecomp_mm.LayerDecayOptimWrapperConstructor',
            paramwise_cfg=dict(layer_decay=decay, **paramwise),
        ),
    )


def test_learning_rates_fall_towards_the_input():
    """ResNet-18 has a stem and eight blocks: 1/2 in the last, 1/512 in the stem."""
    model = light_model(encoder=dict(model_name='resnet18', frozen_stages=0))
    groups = layer_decay(model, norm_decay_mult=0.0).optimizer.param_groups
    rates = {id(p): (g['lr'], g['weight_decay']) for g in groups for p in g['params']}
    timm_model = model.encoder.timm_model
    assert rates[id(timm_model.layer4[1].conv2.weight)] == (1 / 2, 0.1)
    assert rates[id(timm_model.layer4[1].bn2.weight)] == (1 / 2, 0.0)
    assert rates[id(timm_model.layer1[0].conv1.weight)] == (1 / 256, 0.1)
    assert {rates[id(p)][0] for p in model.metric_decoder.parameters()} == {1.0}
    assert set(rates) == {id(p) for p in model.parameters() if p.requires_grad}
    assert id(timm_model.conv1.weight) not in rates and len(groups) < 30


def test_the_neck_of_a_vision_transformer_keeps_its_learning_rate():
    model = light_model(encoder=dict(type='TimmViTEncoder', model_name=VIT, **TINY_VIT))
    groups = layer_decay(model).optimizer.param_groups
    rates = {id(p): g['lr'] for g in groups for p in g['params']}
    assert {rates[id(p)] for p in model.encoder.neck.parameters()} == {1.0}
    assert rates[id(model.encoder.timm_model.pos_embed)] == 0.5**5


@pytest.mark.parametrize('model, decay, message', [(None, 1.5, 'layer_decay'), (1, 0.5, 'encoder')])
def test_layer_decay_says_what_is_wrong(model, decay, message):
    with pytest.raises(ValueError, match=message):
        layer_decay(nn.Linear(1, 1), decay)
