import time

import pytest
from mmengine.hooks import Hook

from depthdecomp_mm.engine import DepthIterTrainLoop, DepthRunner
from tests.reliability.kill_and_resume import tiny_config

STEPS = 9  # two passes over four batches, and one batch


class Seen(Hook):
    """Keeps which images each step took."""

    def __init__(self):
        self.images = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.images.append([sample.img_path for sample in data_batch['data_samples']])


def build(rooms, work_dir, loader=(), **train_cfg):
    cfg = tiny_config(rooms, work_dir, by_epoch=False)
    cfg.train_dataloader.num_workers, cfg.train_dataloader.persistent_workers = 0, False
    cfg.merge_from_dict(dict(train_dataloader=dict(loader)))
    cfg.pop('phases')
    cfg.train_cfg = dict(max_iters=STEPS, **train_cfg)
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.model.encoder.model_name = 'mobilenetv3_small_050'
    return DepthRunner.from_cfg(cfg)


def images_of(runner):
    runner.register_hook(seen := Seen())
    runner.train()
    return seen.images


def test_iterations_take_what_those_of_mmengine_take_and_wait_for_nothing(
    tiny_rooms, tmp_path, monkeypatch
):
    slept = []
    monkeypatch.setattr(time, 'sleep', slept.append)
    theirs = images_of(build(tiny_rooms, tmp_path / 'theirs', type='IterBasedTrainLoop'))
    assert slept.count(2) == 2  # after each pass
    runner = build(tiny_rooms, tmp_path / 'ours', by_epoch=False)
    assert images_of(runner) == theirs
    assert isinstance(runner.train_loop, DepthIterTrainLoop)
    assert slept.count(2) == 2
    assert len(theirs) == STEPS and theirs[:4] != theirs[4:8]


def test_no_batch_is_an_error(tiny_rooms, tmp_path):
    loader = dict(
        batch_size=1000, drop_last=True, sampler=dict(_delete_=True, type='DefaultSampler')
    )
    runner = build(tiny_rooms, tmp_path, loader, by_epoch=False)
    with pytest.raises(ValueError, match='no batch: .* samples, batch_size 1000'):
        runner.train()
