"""Samples that cannot be read, while training with worker processes."""

import pytest

from depthdecomp_mm.engine import DepthRunner
from tests.reliability.kill_and_resume import tiny_config


@pytest.mark.parametrize('policy', ['skip', 'raise'])
def test_policy(tiny_rooms, tmp_path, policy):
    cfg = tiny_config(tiny_rooms, tmp_path / 'work')
    cfg.pop('phases')
    cfg.train_cfg.max_epochs = 2
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.train_dataloader.num_workers = 2
    metric = cfg.train_dataloader.dataset.datasets.metric
    metric.on_bad_sample = policy
    lines = (tiny_rooms / 'nyu' / 'train.txt').read_text().splitlines()
    lines[3] = 'gone.jpg ' + lines[3].split(maxsplit=1)[1]
    (tmp_path / 'train.txt').write_text('\n'.join(lines))
    metric.ann_file = str(tmp_path / 'train.txt')
    runner = DepthRunner.from_cfg(cfg)
    if policy == 'raise':
        with pytest.raises(ValueError, match=r'gone\.jpg: file not found'):
            runner.train()
        return
    runner.train()
    log = ''.join(path.read_text() for path in (tmp_path / 'work').rglob('*.log'))
    for epoch in (1, 2):  # each passes over the metric images once
        assert f'Epoch {epoch}: 1 bad samples were replaced' in log
