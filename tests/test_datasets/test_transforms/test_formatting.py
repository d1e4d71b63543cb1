import numpy as np
import pytest
import torch

from depthdecomp_mm.datasets import PackDepthInputs
from depthdecomp_mm.structures import DepthDataSample


@pytest.fixture
def results():
    rng = np.random.default_rng(0)
    mask = rng.random((6, 8)) < 0.5
    return dict(
        img=rng.integers(0, 256, (6, 8, 3)).astype(np.uint8),
        gt_depth_map=rng.random((6, 8)).astype(np.float32) * mask,
        gt_valid_mask=mask,
        img_path='i.jpg',
        depth_map_path='d.png',
        label_type='metric',
        ori_shape=(6, 8),
        img_shape=(6, 8),
        flip=True,
        sample_idx=3,
        depth_scale=1000,
    )


@pytest.mark.parametrize('view', [np.s_[:], np.s_[:, ::-1], np.s_[1:5, 2:7]])
def test_pack(results, view):
    maps = {key: results[key][view] for key in ('img', 'gt_depth_map', 'gt_valid_mask')}
    packed = PackDepthInputs()(results | maps)
    inputs, sample = packed['inputs'], packed['data_samples']
    assert inputs.dtype == torch.uint8 and inputs.is_contiguous()
    assert np.array_equal(inputs.numpy(), np.moveaxis(maps['img'], 2, 0))
    assert type(sample) is DepthDataSample
    assert 'gt_dense_map' not in sample
    depth, mask = sample.gt_depth_map.data, sample.gt_valid_mask.data
    assert depth.dtype == torch.float32 and mask.dtype == torch.bool
    assert depth.shape == mask.shape == (1, *maps['gt_depth_map'].shape)
    assert np.array_equal(depth[0].numpy(), maps['gt_depth_map'])
    assert np.array_equal(mask[0].numpy(), maps['gt_valid_mask'])


def test_meta_information(results):
    sample = PackDepthInputs()(results)['data_samples']
    kept = ('img_path', 'depth_map_path', 'label_type', 'ori_shape', 'img_shape', 'sample_idx')
    assert all(sample.get(key) == results[key] for key in kept)
    assert sample.flip is True and sample.depth_unit == 'metre'
    assert 'depth_scale' not in sample and 'scale_factor' not in sample
    only = PackDepthInputs(meta_keys=('depth_scale',))(results)['data_samples']
    assert only.metainfo == dict(depth_scale=1000)


@pytest.mark.parametrize(
    ('label_type', 'unit'), [('metric', 'metre'), ('relative', 'unitless'), (None, 'metre')]
)
def test_unit_follows_the_label_type(results, label_type, unit):
    del results['label_type']
    if label_type:
        results['label_type'] = label_type
    sample = PackDepthInputs()(results)['data_samples']
    assert sample.depth_unit == unit and sample.get('label_type') == label_type


def test_fields_only_when_present(results):
    del results['gt_valid_mask']
    sample = PackDepthInputs()(results)['data_samples']
    assert 'gt_depth_map' in sample and 'gt_valid_mask' not in sample
    del results['gt_depth_map']
    assert 'gt_depth_map' not in PackDepthInputs()(results)['data_samples']


def test_image_without_three_channels(results):
    results['img'] = results['img'][..., 0]
    with pytest.raises(ValueError, match=r'i\.jpg: .*\(6, 8\), expected \(H, W, 3\)'):
        PackDepthInputs()(results)
