"""Samples as depth toolboxes descended from mmsegmentation have them: no label type, no mask."""

import pytest
import torch
from mmengine.structures import BaseDataElement, PixelData
from torch.nn import functional as F

from depthdecomp_mm.evaluation import DepthMetric
from depthdecomp_mm.registry import MODELS
from tests.builders import light_model, sample

SIZE = (64, 96)


def host_sample(depth, **meta):
    data_sample = BaseDataElement(metainfo=dict(img_path='a.jpg', **meta))
    data_sample.set_data(dict(gt_depth_map=PixelData(data=depth)))
    return data_sample


@pytest.fixture
def batch():
    """Images (3, H, W) uint8, and ground truth with invalid pixels of every kind."""
    generator = torch.Generator().manual_seed(0)
    images = [
        torch.randint(0, 256, (3, *SIZE), generator=generator, dtype=torch.uint8) for _ in range(2)
    ]
    depths = [sample(SIZE, seed=i).gt_depth_map.data for i in range(2)]
    depths[0][0, 0, :4] = torch.tensor([0.0, -1.0, torch.nan, torch.inf])
    return images, depths


def losses(model, images, samples):
    data = MODELS.build(dict(type='DepthDataPreprocessor'))(
        dict(inputs=images, data_samples=samples), training=True
    )
    terms = model(**data, mode='loss')
    return {name: term.detach() for name, term in terms.items()}


def test_metric_by_default_and_valid_where_positive_and_finite(batch):
    images, depths = batch
    model = light_model().eval()
    found = losses(model, images, [host_sample(depth) for depth in depths])
    ours = [sample(SIZE) for _ in depths]
    for data_sample, depth in zip(ours, depths, strict=True):
        valid = (depth > 0) & depth.isfinite()
        data_sample.gt_depth_map = PixelData(data=depth.where(valid, 0))
        data_sample.gt_valid_mask = PixelData(data=valid)
    assert found == losses(model, images, ours) and all(term > 0 for term in found.values())


def test_padding_counts_for_nothing_whatever_fills_it(batch):
    """mmsegmentation's preprocessor pads with 255, and leaves ``img_shape`` at the image's."""
    images, depths = batch
    model = light_model().eval()
    inputs = torch.randn(2, 3, 96, 128)
    padded = {
        fill: [
            host_sample(F.pad(depth, (0, 32, 0, 32), value=fill), img_shape=SIZE)
            for depth in depths
        ]
        for fill in (0, 255)
    }
    zero, other = (model(inputs, padded[fill], mode='loss') for fill in (0, 255))
    assert {k: v.item() for k, v in zero.items()} == {k: v.item() for k, v in other.items()}


def test_predictions_go_back_in_the_hosts_field(batch):
    images, depths = batch
    model = light_model().eval()
    samples = [host_sample(d, ori_shape=(100, 150), img_shape=SIZE) for d in depths]
    with torch.no_grad():
        data = model.data_preprocessor(dict(inputs=images, data_samples=samples))
        returned = model(**data, mode='predict')
    for host, truth in zip(returned, depths, strict=True):
        assert type(host) is BaseDataElement
        assert torch.equal(host.gt_depth_map.data, truth) or not truth.isfinite().all()
        assert host.pred_depth_map.data.shape == (1, 100, 150)
        assert host.pred_depth_map.data.dtype == torch.float32
        assert (host.pred_depth_map.data > 0).all()


def test_our_metric_takes_the_hosts_samples():
    truth = torch.full((1, 4, 5), 2.0)
    truth[0, 0, 0] = 0
    data_sample = host_sample(truth)
    data_sample.set_data(dict(pred_depth_map=PixelData(data=torch.full((1, 4, 5), 3.0))))
    metric = DepthMetric()
    metric.process({}, [data_sample.to_dict()])
    found = metric.compute_metrics(metric.results)
    assert (found['rmse'], found['abs_rel'], found['d2']) == pytest.approx((1.0, 0.5, 1.0))
