"""Normalisation, stacking and padding of a batch."""

import pytest
import torch

from depthdecomp_mm.models import DepthDataPreprocessor
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
