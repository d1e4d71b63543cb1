"""What several tests of the engine share."""

import pytest

from depthdecomp_mm.engine import DepthRunner
from tests.reliability.kill_and_resume import tiny_config


@pytest.fixture(scope='module')
def runner(tiny_rooms, tmp_path_factory):
    """A runner that has trained for an epoch."""
    cfg = tiny_config(tiny_rooms, tmp_path_factory.mktemp('runner') / 'work')
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.num_workers, loader.persistent_workers = 0, False
    cfg.pop('phases')
    cfg.train_cfg.max_epochs = 1
    runner = DepthRunner.from_cfg(cfg)
    runner.train()
    return runner
