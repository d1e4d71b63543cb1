"""Normalisation, stacking and padding of a batch."""

import pytest
import torch

from depthdecomp_mm.models import DepthDataPreprocessor
from depthdecomp_mm.models.transfer import gather, scatter
from tests.builders import sample


def batch(*sizes):
    torch.manual_seed(0)
    inputs = [torch.randint(0, 256, (3, *size), dtype=torch.uint8) for size in sizes]
    return dict(inputs=inputs, data_samples=[sample(size, seed=i) for i, size in enumerate(sizes)])


def test_images_are_rgb_and_imagenet_normalised():
    data = batch((4, 6))
    bgr = data['inputs'][0].clone()
    out = DepthDataPreprocessor()(data)['inputs']
    for channel, (mean, std) in enumerate([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]):
        expected = (bgr[2 - channel] / 255 - mean) / std
        assert torch.allclose(out[0, channel], expected, atol=1e-4)


@pytest.mark.parametrize('training', [True, False])
def test_different_sizes_are_padded_with_invalid_ground_truth(training):
    data = batch((4, 6), (5, 3))
    truth = data['data_samples'][0].gt_depth_map.data.clone()
    out = DepthDataPreprocessor()(data, training)
    assert out['inputs'].shape == (2, 3, 5, 6)
    assert out['inputs'][0, :, 4].eq(0).all() and out['inputs'][1, :, :, 3:].eq(0).all()
    first = out['data_samples'][0]
    if not training:  # evaluation is at the size of the ground truth
        assert torch.equal(first.gt_depth_map.data, truth)
        return
    assert first.gt_depth_map.shape == first.gt_valid_mask.shape == (5, 6)
    assert torch.equal(first.gt_depth_map.data[:, :4], truth)
    assert not first.gt_valid_mask.data[:, 4].any()


def test_ground_truth_of_another_size_is_named():
    data = batch((4, 6))
    data['data_samples'] = [sample((4, 5), img_path='a.jpg')]
    with pytest.raises(ValueError, match=r'a.jpg.*\(4, 5\).*\(4, 6\)'):
        DepthDataPreprocessor()(data, training=True)


def test_tensors_of_all_types_travel_as_bytes():
    torch.manual_seed(0)
    tensors = [
        torch.rand(5) > 0.5,
        torch.rand(2, 3, dtype=torch.float64),
        torch.randint(0, 256, (3, 5, 7), dtype=torch.uint8),
        torch.rand(1, 3, 4).transpose(1, 2),
        torch.tensor(3),
        torch.empty(0, 4),
    ]
    gathered = gather(tensors)
    assert gathered.dtype == torch.uint8 and gathered.dim() == 1
    for found, tensor in zip(scatter(gathered, tensors), tensors, strict=True):
        assert found.dtype == tensor.dtype and torch.equal(found, tensor)
        assert found.untyped_storage().data_ptr() == gathered.untyped_storage().data_ptr()


def test_the_batch_given_is_left_as_it_was():
    data = batch((4, 6), (5, 3))
    images, truths = list(data['inputs']), [s.gt_depth_map.data for s in data['data_samples']]
    before = [x.clone() for x in (*images, *truths)]
    DepthDataPreprocessor()(data, training=True)
    assert all(a is b for a, b in zip(data['inputs'], images, strict=True))
    after = [*data['inputs'], *(s.gt_depth_map.data for s in data['data_samples'])]
    assert all(torch.equal(a, b) for a, b in zip(after, before, strict=True))


def test_all_else_of_a_batch_goes_along():
    data = batch((4, 6))
    data['data_samples'][0].set_data(dict(scores=torch.ones(3)))
    out = DepthDataPreprocessor(pad_size_divisor=8)(dict(data, weights=torch.ones(1)), True)
    assert out['inputs'].shape == (1, 3, 8, 8) and out['weights'].eq(1).all()
    (moved,) = out['data_samples']
    assert moved.scores.eq(1).all() and moved.metainfo == data['data_samples'][0].metainfo
    stacked = DepthDataPreprocessor()(dict(inputs=torch.stack(data['inputs'])))
    assert torch.equal(stacked['inputs'], out['inputs'][..., :4, :6])
    assert stacked['data_samples'] is None
