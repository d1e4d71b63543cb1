"""What the log says of the first training batch."""

import logging
from types import SimpleNamespace

import pytest
import torch
from mmengine.structures import PixelData

from depthdecomp_mm.engine.hooks.first_batch_hook import FirstBatchHook
from depthdecomp_mm.registry import HOOKS
from depthdecomp_mm.structures import DepthDataSample


def sample(values, label_type=None, mask=None):
    meta = {} if label_type is None else dict(label_type=label_type)
    made = DepthDataSample(metainfo=meta)
    made.gt_depth_map = PixelData(data=torch.tensor([values]))
    if mask is not None:
        made.gt_valid_mask = PixelData(data=torch.tensor([mask]))
    return made


@pytest.fixture
def log(caplog):
    """Run the hook on two batches and return what it logged."""

    def run(*samples):
        logger = logging.getLogger('first batch')
        caplog.set_level(logging.INFO, logger.name)
        runner, hook = SimpleNamespace(logger=logger), HOOKS.build(dict(type='FirstBatchHook'))
        for index in range(2):
            hook.before_train_iter(runner, index, dict(inputs=[], data_samples=list(samples)))
        return [record.getMessage() for record in caplog.records]

    return run


def test_registered():
    assert HOOKS.get('depthdecomp_mm.FirstBatchHook') is FirstBatchHook


def test_labels_are_counted_and_told_apart(log):
    assert log(
        sample([[1.0, 2.0], [4.0, 0.0]], 'metric'),
        sample([[2.5, 3.0], [9.5, 9.0]], mask=[[True, True], [True, False]]),
        sample([[0.0, 200.0], [50.0, float('nan')]], 'relative', mask=[[True] * 2] * 2),
    ) == [
        'First training batch: 3 samples (2 metric, 1 relative)',
        '  metric: depth 1.000 to 9.500 m, median 2.500 m, valid pixels 75.0 % (at least 75.0 % of '
        'one)',
        '  relative: disparity 0.000 to 200.000, median 50.000, valid pixels 75.0 % (at least '
        '75.0 % of one)',
    ]


def test_a_batch_without_valid_pixels(log, caplog):
    """A training on it ends well, with the weights that it began with."""
    line = log(sample([[0.0, 0.0]]))[1]
    assert 'metric: depth nowhere valid' in line and 'valid pixels 0.0 %' in line
    assert [record.levelname for record in caplog.records] == ['INFO', 'WARNING']
