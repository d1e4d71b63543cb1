"""One rule of valid pixels and of labels, for arrays, tensors and samples."""

import numpy as np
import pytest
import torch
from mmengine.structures import PixelData

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.structures import DepthDataSample, is_relative, valid_pixels, valid_pixels_of

DEPTH = [2.0, 0.0, -1.0, np.nan, np.inf, -np.inf]


@pytest.mark.parametrize('kind', [np.array, torch.tensor])
def test_values_that_can_be_measurements_are_valid(kind):
    assert valid_pixels(kind(DEPTH)).tolist() == [True, False, False, False, False, False]


@pytest.mark.parametrize('kind', [np.array, torch.tensor])
def test_a_mask_decides_among_what_is_finite(kind):
    mask = kind([True, True, False, True, True, True])
    assert valid_pixels(kind(DEPTH), mask).tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize('padded_mask', [True, False, None])
def test_padding_of_a_sample_is_not_valid(padded_mask):
    sample = DepthDataSample(metainfo=dict(img_shape=(1, 2)))
    sample.gt_depth_map = PixelData(data=torch.full((1, 2, 3), 5.0))  # filled with 5 by its host
    if padded_mask is not None:
        mask = torch.zeros(1, 2, 3) if padded_mask else torch.ones(1, 1, 2)
        mask[0, 0, :2] = 1
        sample.gt_valid_mask = PixelData(data=mask)
    assert valid_pixels_of(sample).tolist() == [[[True, True, False], [False, False, False]]]


def test_labels_are_metric_unless_they_say_otherwise():
    assert not is_relative({}) and not is_relative(DepthDataSample())
    assert is_relative(DepthDataSample(metainfo=dict(label_type='relative')))


def test_an_unknown_label_is_refused_by_name():
    with pytest.raises(SampleError, match="a.png: expected label_type .* found 'stereo'"):
        is_relative(dict(img_path='a.png', label_type='stereo'))
