"""The host's ``tools/train.py`` and ``tools/test.py``, as MMEngine's toolboxes have them."""

import os
import sys

from mmengine.config import Config
from mmengine.registry import RUNNERS
from mmengine.runner import Runner


def main():
    config, work_dir, what, *checkpoint = sys.argv[1:]
    cfg = Config.fromfile(config)
    cfg.work_dir, cfg.load_from = work_dir, checkpoint[0] if checkpoint else None
    cfg.launcher = 'pytorch' if 'LOCAL_RANK' in os.environ else 'none'  # as dist_train.sh says
    runner = RUNNERS.build(cfg) if 'runner_type' in cfg else Runner.from_cfg(cfg)
    metrics = getattr(runner, what)()
    if what == 'test':
        print('metrics', metrics)


if __name__ == '__main__':
    main()
