"""The mean depth of the training set as a prediction."""

from __future__ import annotations

import importlib.util
import json
import re

import numpy as np
import pytest
from mmengine.config import Config

from depthdecomp_mm.errors import UserError
from tests.conftest import ROOT
from tests.mini_sets import make_custom

METRICS = dict(rmse=0.5, d1=0.9)


@pytest.fixture
def predictor():
    path = ROOT / 'tools' / 'analysis_tools' / 'constant_predictor.py'
    spec = importlib.util.spec_from_file_location('constant_predictor', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


@pytest.fixture
def config(tmp_path):
    """A mixture whose first set is relative, and a test set, of the same frames."""
    make_custom(tmp_path, count=3)
    (tmp_path / 'list.txt').write_text(
        ''.join(f'color/{i:05d}.jpg depth/{i:05d}.png\n' for i in range(3))
    )
    metric = dict(
        type='CustomDepthDataset', data_root=f'{tmp_path}/', ann_file='list.txt', depth_scale=1000,
        pipeline=[
            dict(type='LoadImageFromFile'), dict(type='LoadDepthAnnotation'),
            dict(type='PackDepthInputs'),
        ],
    )  # fmt: skip
    relative = dict(metric, label_type='relative', depth_scale=None)
    cfg = Config(
        dict(
            train_dataloader=dict(
                dataset=dict(type='ConcatDataset', datasets=dict(relative=relative, metric=metric))
            ),
            test_dataloader=dict(dataset=metric),
            test_evaluator=[dict(type='DepthMetric'), dict(type='KendallTau')],
        )
    )
    path = tmp_path / 'config.py'
    cfg.dump(path)
    return path


@pytest.mark.parametrize('suffix', ['json', 'yaml'])
def test_it_is_the_mean_of_the_metric_training_set(predictor, config, capsys, suffix):
    import cv2

    beside = config.with_name(f'metrics.{suffix}')
    beside.write_text(json.dumps(METRICS))
    predictor([str(config), '--beside', str(beside)])
    folder = config.parent / 'depth'
    depth = np.stack([cv2.imread(str(f), cv2.IMREAD_UNCHANGED) for f in folder.iterdir()]) / 1000
    depth = depth[depth > 0]
    output = capsys.readouterr().out
    assert f'constant ({depth.mean():.3f} m)' in output
    rows = [re.findall(r'\d+\.\d{3}', line.rpartition(suffix)[2]) for line in output.splitlines()]
    assert ['0.500', '0.900'] in rows
    assert 'WARNING' not in output


@pytest.mark.parametrize(
    'content, words',
    [
        (None, 'No such file'),
        ('', 'expected JSON'),
        ('\udc80', 'metrics.json: expected JSON'),
        ('[1]', 'expected metrics'),
        ('{"rmse": "x"}', 'expected metrics'),
        ('{"loss": 1}', 'expected metrics'),
    ],
)
def test_bad_metrics_are_refused_first(predictor, config, content, words):
    beside = config.with_name('metrics.json')
    if content is not None:
        beside.write_text(content, errors='surrogateescape')
    with pytest.raises((UserError, OSError), match=words):
        predictor([str(config), '--beside', str(beside)])


@pytest.mark.parametrize(
    'options, words',
    [
        ('train_dataloader=None', 'has no train_dataloader.dataset'),
        ('test_dataloader=None', 'has no test_dataloader.dataset'),
        ('test_evaluator=None', 'has no test_evaluator'),
        ('train_dataloader.dataset.datasets.metric.label_type=relative', 'holds no metric depth'),
        ('train_dataloader.dataset.datasets.metric.max_depth=.01', 'no pixel .* is valid'),
        ('test_evaluator.5.x=1', 'does not fit the config'),
    ],
)
def test_configs_without_what_it_needs(predictor, config, options, words):
    with pytest.raises(UserError, match=words):
        predictor([str(config), '--cfg-options', options])
