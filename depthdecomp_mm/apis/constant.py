"""The constant predictor: the mean depth of the training frames, for every pixel."""

from __future__ import annotations

import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData

from depthdecomp_mm.configs import section
from depthdecomp_mm.datasets.walking import first_metric_set
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.evaluation import KendallTau
from depthdecomp_mm.evaluation.per_image import intervals
from depthdecomp_mm.progress import Progress
from depthdecomp_mm.registry import DATASETS


def mean_depth(cfg: Config) -> float:
    """Mean of the training set, or the first metric one of a mixture, in metres.

    Args:
        cfg: The config of a phase.

    Raises:
        UserError: If it has no valid pixel.
    """
    total, pixels = 0.0, 0
    config = section(cfg, 'train_dataloader.dataset')
    training_set = first_metric_set(config, [dict(type='LoadDepthAnnotation')])
    bar = Progress(len(training_set))
    for i in range(len(training_set)):
        sample = training_set[i]
        total += sample['gt_depth_map'].sum(dtype='float64')
        pixels += sample['gt_valid_mask'].sum()
        bar.update()
    bar.close()
    if not pixels:
        raise UserError(f'{cfg.filename}: no pixel of the training set is valid')
    return total / pixels


def constant_metrics(
    cfg: Config,
) -> tuple[float, dict[str, float], dict[str, tuple[float, float]]]:
    """Evaluate the constant predictor on the test set of a config.

    Args:
        cfg: The config of a phase.

    Returns:
        The constant in metres, the metrics, and their 95 % intervals over images; none of the
        order, which a constant has not.

    Raises:
        UserError: As :func:`mean_depth` does.
    """
    init_default_scope('depthdecomp_mm')
    test_set = DATASETS.build(section(cfg, 'test_dataloader.dataset'))
    evaluator = Evaluator(section(cfg, 'test_evaluator'))
    # a constant map orders nothing, so that there would be a warning for no image having a number
    evaluator.metrics = [m for m in evaluator.metrics if not isinstance(m, KendallTau)]
    mean = mean_depth(cfg)
    evaluator.dataset_meta = test_set.metainfo
    for data in test_set:
        truth = data['data_samples'].gt_depth_map.data
        data['data_samples'].pred_depth_map = PixelData(data=torch.full_like(truth, mean))
        evaluator.process([data['data_samples']], data)
    metrics = evaluator.evaluate(len(test_set))
    return mean, metrics, intervals(evaluator.metrics)
