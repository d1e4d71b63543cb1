"""Several cameras in one network: metres of a canonical focal length inside, true ones outside."""

from __future__ import annotations

import pytest
import torch

from depthdecomp_mm.errors import SampleError
from tests.builders import images, light_model, sample

CANONICAL = 100.0


def canonical_model(**overrides):
    model = light_model(canonical_focal=CANONICAL, **overrides).eval()
    model.metric_decoder.mdr.regressor[-1].bias.data.fill_(0.35)
    return model


def test_targets_are_of_the_canonical_camera():
    model = canonical_model()
    long, short = sample(focal=200.0), sample(focal=50.0, seed=1)
    code, mask = model.targets([long, short], (96, 128))['metric']
    for found, valid, truth, scale in zip(code, mask, (long, short), (2.0, 0.5), strict=True):
        expected = 1 / (truth.gt_depth_map.data / scale + 1)
        torch.testing.assert_close(found[valid], expected[valid])


def test_relative_samples_need_no_camera_and_are_as_they_are():
    relative = sample(label_type='relative')
    ours = canonical_model().targets([relative], (48, 64))
    plain = light_model().targets([relative], (48, 64))
    for name in ours:
        assert all(map(torch.equal, ours[name], plain[name])), name


@pytest.mark.parametrize('flip_test', [False, True])
def test_predictions_are_true_metres_of_each_camera(flip_test):
    model = canonical_model(min_depth=1e-3, max_depth=1000.0)
    batch = images(1).repeat(2, 1, 1, 1)
    samples = [sample(focal=focal) for focal in (CANONICAL, 2 * CANONICAL)]
    with torch.no_grad():
        model.predict(batch, samples, flip_test=flip_test)
    first, second = (s.pred_depth_map.data for s in samples)
    assert first.max() < 500
    torch.testing.assert_close(second, 2 * first)


def test_the_range_is_of_true_metres():
    model = canonical_model(min_depth=0.5, max_depth=1.5)
    near, far = (sample(focal=focal) for focal in (10.0, 1000.0))
    with torch.no_grad():
        model.predict(images(2), [near, far])
    assert near.pred_depth_map.data.max() == near.pred_depth_map.data.min() == 0.5
    assert far.pred_depth_map.data.max() == pytest.approx(1.5)


def test_what_a_network_learns_is_what_it_gives_back():
    """The code of the targets, predicted, is the ground truth."""
    model = canonical_model()
    truth = sample(focal=170.0, with_mask=False)
    code, mask = model.targets([truth], (96, 128))['metric']
    depth = model.decode(code, 1.7)
    torch.testing.assert_close(depth[mask], truth.gt_depth_map.data[mask[0]], rtol=1e-4, atol=0)


@pytest.mark.parametrize('focal', [None, 0.0, -5.0])
def test_images_without_a_focal_length_are_refused(focal):
    model = canonical_model()
    unknown = sample(img_path='room.jpg', **({} if focal is None else dict(focal=focal)))
    words = f'room.jpg: expected a focal length.*found {focal}'
    with pytest.raises(SampleError, match=words):
        model(images(1), [unknown], mode='loss')
    with pytest.raises(SampleError, match=words), torch.no_grad():
        model(images(1), [unknown], mode='predict')


def test_without_a_canonical_focal_length_cameras_count_alike():
    model = light_model().eval()
    with torch.no_grad():
        a, b = (model(images(1), [s], mode='loss') for s in (sample(focal=7.0), sample()))
    assert {k: v.item() for k, v in a.items()} == {k: v.item() for k, v in b.items()}


def test_a_senseless_canonical_focal_length_is_refused():
    with pytest.raises(ValueError, match='canonical_focal is -1'):
        light_model(canonical_focal=-1)
