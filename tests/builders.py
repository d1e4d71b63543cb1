"""Small models and samples for the tests."""

import copy

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.registry import MODELS
from depthdecomp_mm.structures import DepthDataSample

from .conftest import ROOT

LIGHT = ROOT / 'configs' / 'depthdecomp' / 'rooms_random.py'


def light_model(seed=0, **overrides):
    """The network of the rooms config, with keys of ``model`` merged."""
    init_default_scope('depthdecomp_mm')
    cfg = Config.fromfile(LIGHT)
    cfg.merge_from_dict(dict(model=copy.deepcopy(overrides)))
    torch.manual_seed(seed)
    return MODELS.build(cfg.model)


def sample(size=(96, 128), label_type='metric', seed=0, with_mask=True, **meta):
    """A sample with random ground truth, about a fifth of it invalid."""
    generator = torch.Generator().manual_seed(seed)
    low, high = (0.5, 9.0) if label_type == 'metric' else (0.0, 255.0)
    depth = torch.rand(1, *size, generator=generator) * (high - low) + low
    valid = torch.rand(1, *size, generator=generator) > 0.2
    data_sample = DepthDataSample(metainfo=dict(label_type=label_type, img_shape=size, **meta))
    data_sample.gt_depth_map = PixelData(data=depth * valid)
    if with_mask:
        data_sample.gt_valid_mask = PixelData(data=valid)
    return data_sample


def images(count=2, size=(96, 128), seed=0):
    """Normalised images (count, 3, H, W)."""
    return torch.randn(count, 3, *size, generator=torch.Generator().manual_seed(seed))


def evaluate(metric, samples, batch_size=1):
    """The numbers of a metric for samples as MMEngine's evaluator hands them over."""
    for start in range(0, len(samples), batch_size):
        metric.process(None, samples[start : start + batch_size])
    return metric.evaluate(len(samples))
