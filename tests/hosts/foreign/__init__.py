"""A project of somebody else: its own registries, scope, transform, hook and metric."""

import json
from pathlib import Path

from mmengine import registry as root
from mmengine.dist import master_only
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModule
from mmengine.registry import Registry
from torch import nn


def _child(parent):
    return Registry(parent.name, parent=parent, scope='foreign', locations=['foreign'])


TRANSFORMS, HOOKS, METRICS, MODELS, VISUALIZERS, RUNNERS = map(
    _child,
    (root.TRANSFORMS, root.HOOKS, root.METRICS, root.MODELS, root.VISUALIZERS, root.RUNNERS),
)


@TRANSFORMS.register_module()
class Resize:
    """Of the same name as ours: it must be the one that the host's pipelines get."""

    def __init__(self, every):
        self.every = every

    def __call__(self, results):
        for key in ('img', 'gt_depth_map', 'gt_valid_mask'):
            if key in results:
                results[key] = results[key][:: self.every, :: self.every]
        results['img_shape'] = results['img'].shape[:2]
        return results


@HOOKS.register_module()
class LossLog(Hook):
    """Writes the loss of every iteration to a file."""

    def __init__(self):
        self.losses = []

    @master_only
    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.losses.append(float(outputs['loss']))
        Path(runner.work_dir, 'losses.json').write_text(json.dumps(self.losses))


@METRICS.register_module()
class MeanPrediction(BaseMetric):
    """Mean of the predicted depth, metres."""

    def process(self, data_batch, data_samples):
        self.results += [s['pred_depth_map']['data'].mean().item() for s in data_samples]

    def compute_metrics(self, results):
        return dict(mean_prediction=sum(results) / len(results))


@MODELS.register_module()
class Stage(nn.Sequential):
    """Part of a backbone of the host."""

    def __init__(self, in_channels, out_channels, stride):
        super().__init__(nn.Conv2d(in_channels, out_channels, stride, stride), nn.ReLU())


@MODELS.register_module()
class Pyramid(BaseModule):
    """A backbone of the host, of parts that its own scope alone knows."""

    def __init__(self):
        super().__init__()
        shapes = [(3, 8, 4), (8, 16, 2), (16, 24, 2), (24, 32, 2)]
        keys = ('in_channels', 'out_channels', 'stride')
        configs = [dict(zip(keys, shape, strict=True), type='Stage') for shape in shapes]
        self.stages = nn.ModuleList(map(MODELS.build, configs))

    def forward(self, x):
        return tuple(x := stage(x) for stage in self.stages)


@MODELS.register_module()
class AbsoluteLoss(BaseModule):
    """A loss of the host."""

    loss_weight = 1.0

    def forward(self, pred, target, mask, avg_factor=None):
        return (pred - target).abs()[mask].mean()
