"""The whole network: modes, branches, gradients, odd sizes, odd batches."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.structures import PixelData

from depthdecomp_mm.decomposition import DepthCodec
from depthdecomp_mm.structures import DepthDataSample
from tests.builders import images, light_model, sample

NO_MDR = dict(metric_decoder=dict(mdr=None))
VARIANTS = {
    'full': {},
    'baseline': dict(gradient_decoder=None, normalized_decoder=None, **NO_MDR),
    'm_n': dict(gradient_decoder=None, **NO_MDR),
    'm_g': dict(normalized_decoder=None, **NO_MDR),
    'm_n_g': NO_MDR,
    'mdr_star': dict(metric_decoder=dict(mdr=dict(predict_mean=False))),
    'phase1': dict(metric_decoder=None),
    'n_only': dict(gradient_decoder=None, metric_decoder=None),
}
OUTPUTS = {
    'full': {'gradients', 'normalized', 'metric', 'mean'},
    'baseline': {'metric'},
    'm_n': {'normalized', 'metric'},
    'm_g': {'gradients', 'metric'},
    'm_n_g': {'gradients', 'normalized', 'metric'},
    'mdr_star': {'gradients', 'normalized', 'metric'},
    'phase1': {'gradients', 'normalized'},
    'n_only': {'normalized'},
}


@pytest.mark.parametrize('variant', VARIANTS)
@pytest.mark.parametrize('labels', [('metric', 'relative'), ('relative', 'relative')])
def test_every_parameter_gets_a_gradient_from_any_batch(variant, labels):
    """DistributedDataParallel without find_unused_parameters needs exactly this."""
    model = light_model(**VARIANTS[variant]).train()
    samples = [sample((64, 96), label, seed=i) for i, label in enumerate(labels)]
    losses = model(images(2, (64, 96)), samples, mode='loss')
    total, _ = model.parse_losses(losses)
    total.backward()
    without = [name for name, p in model.named_parameters() if p.grad is None]
    assert not without
    assert all(p.grad.isfinite().all() for p in model.parameters())
    assert set(model.outputs) == OUTPUTS[variant]
    if labels == ('relative', 'relative'):
        metric = [p.grad for n, p in model.named_parameters() if n.startswith('metric_decoder.')]
        assert all(grad.eq(0).all() for grad in metric)


def test_a_relative_sample_trains_g_and_n_only():
    losses = light_model().train()(images(1), [sample(label_type='relative')], mode='loss')
    assert {name for name, loss in losses.items() if loss.item() != 0} == {
        'loss_g',
        'loss_n',
        'loss_n_grad',
    }


def test_equation_10_as_printed_trains_the_mean_through_the_map():
    printed = dict(_delete_=True, type='MeanL1Loss', branch='metric')
    model = light_model(losses=dict(loss_mu=printed)).train()
    model(images(1), [sample()], mode='loss')['loss_mu'].backward()
    assert all(p.grad.abs().sum() > 0 for p in model.metric_decoder.mdr.regressor.parameters())


def test_loss_by_hand():
    """Targets worked out from the paper's equations in NumPy."""
    model = light_model().eval()
    samples = [sample(seed=1), sample(label_type='relative', seed=2)]
    inputs = images()
    with torch.no_grad():
        losses = model(inputs, samples, mode='loss')
        raw = {k: v.numpy() for k, v in model(inputs, mode='tensor').items()}
    errors = {name: [] for name in ('loss_m', 'loss_mu', 'loss_n', 'loss_g')}
    for i, s in enumerate(samples):
        truth = s.gt_depth_map.data[0, ::2, ::2].double().numpy()
        valid = s.gt_valid_mask.data[0, ::2, ::2].numpy()
        metric = s.metainfo['label_type'] == 'metric'
        code = 1 / (truth + 1) if metric else truth
        mean, std = code[valid].mean(), code[valid].std()
        if metric:
            errors['loss_m'].append(abs(raw['metric'][i, 0] - code)[valid].mean())
            errors['loss_mu'].append(abs(raw['mean'][i].item() - mean))
        n = (code - mean) / std
        errors['loss_n'].append(abs(raw['normalized'][i, 0] - n)[valid].mean())
        gx, gy = raw['gradients'][i]
        both_x, both_y = valid[:, 1:] & valid[:, :-1], valid[1:] & valid[:-1]
        errors['loss_g'].append(
            abs(gx[:, :-1] - np.diff(n, axis=1))[both_x].mean()
            + abs(gy[:-1] - np.diff(n, axis=0))[both_y].mean()
        )
    for name, expected in errors.items():
        assert losses[name].item() == pytest.approx(np.mean(expected), rel=1e-4), name


@pytest.mark.parametrize('ruin', ['empty', 'constant', 'nan'])
def test_unusable_ground_truth_gives_finite_losses(ruin):
    bad, good = sample(), sample(seed=3)
    if ruin == 'empty':
        bad.gt_valid_mask.data[:] = False
    elif ruin == 'constant':
        bad.gt_depth_map.data[:] = 2.0
    else:
        bad.gt_depth_map.data[:] = float('nan')
    model = light_model().train()
    total, _ = model.parse_losses(model(images(), [bad, good], mode='loss'))
    total.backward()
    assert total.isfinite() and all(p.grad.isfinite().all() for p in model.parameters())


def test_samples_of_other_toolboxes_are_metric_and_valid_where_positive():
    model = light_model().eval()
    ours = sample(with_mask=True)
    ours.gt_depth_map.data[ours.gt_valid_mask.data == 0] = 0
    theirs = DepthDataSample(gt_depth_map=ours.gt_depth_map.clone())
    with torch.no_grad():
        a, b = (model(images(1), [s], mode='loss') for s in (ours, theirs))
    assert {k: v.item() for k, v in a.items()} == {k: v.item() for k, v in b.items()}


@pytest.mark.parametrize('size', [(96, 128), (97, 131), (128, 96), (61, 200), (192, 256)])
def test_any_size(size):
    model = light_model().eval()
    with torch.no_grad():
        raw = model(images(1, size), mode='tensor')
        (result,) = model(images(1, size), [sample(size, ori_shape=(50, 70))], mode='predict')
    half = (-(-size[0] // 2), -(-size[1] // 2))
    assert raw['metric'].shape[-2:] == raw['gradients'].shape[-2:] == half
    depth = result.pred_depth_map.data
    assert depth.shape == (1, 50, 70) and depth.min() >= 9e-4 and depth.max() <= 10.001


def test_padded_batch_predicts_each_image_at_its_own_size():
    model = light_model().eval()
    small, large = images(1, (64, 96)), images(1, (96, 128), seed=1)
    batch = torch.cat((F.pad(small, (0, 32, 0, 32)), large))
    samples = [sample((64, 96), ori_shape=(64, 96)), sample((96, 128), ori_shape=(96, 128))]
    with torch.no_grad():
        result = model(batch, samples, mode='predict')
        raw = model(batch, mode='tensor')['metric']
    assert [tuple(s.pred_depth_map.shape) for s in result] == [(64, 96), (96, 128)]
    expected = F.interpolate(
        DepthCodec().decode(raw[:1, :, :32, :48]), (64, 96), mode='bilinear', align_corners=True
    )
    assert torch.allclose(result[0].pred_depth_map.data, expected[0])


def test_padding_that_a_preprocessor_notes_is_cut_whatever_img_shape_says():
    """Another toolbox's crop may leave ``img_shape`` at the size before it."""
    model = light_model().eval()
    image = images(1, (64, 96))
    meta = dict(img_shape=(80, 96), ori_shape=(64, 96))
    padded = DepthDataSample(metainfo=dict(meta, img_padding_size=(0, 32, 0, 64)))
    plain = DepthDataSample(metainfo=dict(ori_shape=(64, 96)))
    with torch.no_grad():
        batch = F.pad(image, (0, 32, 0, 64))
        raw = model.codec.decode(model(batch)['metric'])[..., :32, :48]
        found = model(batch, [padded], mode='predict')[0].pred_depth_map.data
        alone = model(image, [plain], mode='predict')[0].pred_depth_map.data
    expected = F.interpolate(raw, size=(64, 96), mode='bilinear', align_corners=True)[0]
    assert torch.equal(found, expected) and found.shape == alone.shape
    shifted = DepthDataSample(metainfo=dict(ori_shape=(32, 64), img_padding_size=(16, 16, 8, 24)))
    with torch.no_grad():
        raw = model.codec.decode(model(image)['metric'])[..., 4:20, 8:40]
        found = model(image, [shifted], mode='predict')[0].pred_depth_map.data
    expected = F.interpolate(raw, size=(32, 64), mode='bilinear', align_corners=True)[0]
    assert torch.equal(found, expected)


def test_padding_of_a_batch_of_odd_height_is_cut():
    model = light_model().eval()
    inputs, padded = images(1, (33, 50)), DepthDataSample(metainfo=dict(img_shape=(21, 30)))
    with torch.no_grad():
        raw = model.codec.decode(model(inputs)['metric'])[..., :11, :15]
        found = model(inputs, [padded], mode='predict')[0].pred_depth_map.data
    expected = F.interpolate(raw, size=(21, 30), mode='bilinear', align_corners=True)[0]
    assert torch.equal(found, expected)


def test_a_mask_that_a_host_did_not_pad_is_false_in_the_padding():
    model = light_model().eval()
    padded, own = sample((64, 96)), sample((64, 96))
    padded.gt_depth_map = PixelData(data=F.pad(own.gt_depth_map.data, (0, 32, 0, 32), value=255))
    for field in ('gt_depth_map', 'gt_valid_mask'):
        own.set_field(PixelData(data=F.pad(own.get(field).data, (0, 32, 0, 32))), field)
    inputs = images(1, (96, 128))
    ours, hosts = (model(inputs, [s], mode='loss') for s in (own, padded))
    assert ours and all(torch.equal(ours[name], hosts[name]) for name in ours)
    # a size that no padding explains stays an error
    padded.gt_valid_mask = PixelData(data=torch.ones(1, 32, 48, dtype=torch.bool))
    with pytest.raises(RuntimeError):
        model(inputs, [padded], mode='loss')


def test_what_hosts_set_to_none_is_taken_and_nothing_else():
    assert light_model(pretrained=None, train_cfg=None)
    with pytest.raises(ValueError, match='model.pretrained is not used.*encoder.pretrained'):
        light_model(pretrained='resnet50.pth')


def test_flip_test_averages_in_metres_and_is_symmetric():
    model = light_model(test_cfg=dict(flip_test=True)).eval()
    inputs = images(1)
    with torch.no_grad():
        (a,) = model(inputs, mode='predict')
        (b,) = model(inputs.flip(-1), mode='predict')
        plain, mirrored = (
            DepthCodec().decode(model(x, mode='tensor')['metric'])
            for x in (inputs, inputs.flip(-1))
        )
    assert torch.allclose(a.pred_depth_map.data, b.pred_depth_map.data.flip(-1), atol=1e-5)
    average = (plain + mirrored.flip(-1)) / 2
    expected = F.interpolate(average, (96, 128), mode='bilinear', align_corners=True)
    assert torch.allclose(a.pred_depth_map.data, expected[0], atol=1e-6)


def test_prediction_does_not_compute_what_it_does_not_need():
    model = light_model().eval()
    called = []
    for name in ('gradient_decoder', 'normalized_decoder', 'metric_decoder'):
        for part in ('predict', 'last_up'):
            module = getattr(getattr(model, name), part)
            module.register_forward_hook(lambda *_, n=f'{name}.{part}': called.append(n))
    with torch.no_grad():
        (lazy,) = model(images(1), mode='predict')
        assert called == ['metric_decoder.last_up', 'metric_decoder.predict']
        full = DepthCodec().decode(model(images(1), mode='tensor')['metric'])
    assert len(called) == 2 + 6
    expected = F.interpolate(full, (96, 128), mode='bilinear', align_corners=True)
    assert torch.equal(lazy.pred_depth_map.data, expected[0])


@pytest.mark.parametrize('variant', VARIANTS)
def test_what_is_left_out_changes_no_output(variant):
    model = light_model(**VARIANTS[variant]).eval()
    with torch.no_grad():
        together = model(images(1), mode='tensor')
        for name in model.outputs:
            assert torch.equal(model.raw_outputs(images(1), [name])[name], together[name]), name


def test_outputs_asked_for_are_stored():
    model = light_model(test_cfg=dict(outputs=('normalized', 'gradients', 'mean'))).eval()
    with torch.no_grad():
        (result,) = model(images(1), mode='predict')
        raw = model(images(1), mode='tensor')
    assert result.pred_normalized_map.shape == (96, 128)
    assert torch.equal(result.pred_gradient_maps.data, raw['gradients'][0])
    assert result.metainfo['pred_mean'] == pytest.approx(raw['mean'].item())
    assert result.metainfo['representation'] == 'inverse'


def test_phase_1_predicts_the_normalized_map():
    with torch.no_grad():
        (result,) = light_model(metric_decoder=None).eval()(images(1), mode='predict')
    assert 'pred_normalized_map' in result and 'pred_depth_map' not in result


@pytest.mark.parametrize(
    ('overrides', 'words'),
    [
        (dict(gradient_decoder=None, normalized_decoder=None, metric_decoder=None), 'at least one'),
        (dict(losses=dict(loss_g=None)), 'gradients'),
        (dict(losses=dict(loss_m=dict(branch='depth'))), 'branch'),
        (dict(test_cfg=dict(flip=True)), 'flip'),
        (dict(representation='log'), 'representation'),
        (dict(metric_decoder=dict(mdr=dict(queries=48))), '49 tokens'),
        (dict(encoder=dict(model_name='no_such_net')), 'no_such_net'),
        (dict(encoder=dict(model_name='vit_tiny_patch16_224')), 'strides'),
    ],
)
def test_impossible_configs_are_refused_in_words(overrides, words):
    with pytest.raises(ValueError, match=words):
        light_model(**overrides)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_heads_are_float32_under_mixed_precision(dtype):
    """Half precision would round depth to centimetres, and the mean before it is added."""
    model = light_model().eval()
    decoder, seen = model.metric_decoder, {}
    for name in ('last_up', 'predict', 'mdr.regressor'):
        decoder.get_submodule(name).register_forward_hook(
            lambda _, args, out, name=name: seen.update({name: out})
        )
    with torch.no_grad(), torch.autocast('cpu', dtype):
        raw = model.raw_outputs(images(1))
    assert {out.dtype for out in raw.values()} == {torch.float32}
    assert seen['last_up'].dtype == dtype
    maps = decoder.predict(seen['last_up'].float())
    mean = seen['mdr.regressor'][..., None, None]
    assert torch.equal(raw['metric'], maps + mean) and torch.equal(raw['mean'], mean)


def test_a_pooled_mean_is_of_float32_features():
    pooled = dict(mdr=dict(mean_head='pooled'))
    regressor = light_model(metric_decoder=pooled).metric_decoder.mdr
    means = []
    regressor.regressor.register_forward_pre_hook(lambda _, args: means.append(args[0]))
    x = torch.rand(1, 32, 24, 32, dtype=torch.bfloat16)
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
        regressor(x)
    assert torch.equal(means[0], x.float().mean((2, 3)))
