"""Train a model, phase by phase."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from mmengine.registry import RUNNERS

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.command_line import add_config_options, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine.launch import default_work_dir, leave_processes, set_launcher
from depthdecomp_mm.engine.phases import refuse_overruled
from depthdecomp_mm.errors import ConfigError


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the config file')
    parser.add_argument('--work-dir', help='folder of logs and checkpoints')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='go on from the given checkpoint, or from the latest in the work dir without one',
    )
    parser.add_argument('--amp', action='store_true', help='train with mixed precision')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help="scale the learning rate with the batch size, by the config's base_batch_size",
    )
    parser.add_argument(
        '--keep-global-batch',
        action='store_true',
        help="share the config's batch, quotas included, out among the processes",
    )
    add_config_options(parser)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='launcher'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    cfg = read_config(args.config, args.cfg_options)
    refuse_overruled(cfg, args.cfg_options)
    set_launcher(cfg, args.launcher, args.local_rank)
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or default_work_dir(args.config)
    if args.amp:
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.auto_scale_lr:
        if not cfg.get('auto_scale_lr', {}).get('base_batch_size'):
            raise ConfigError(
                f'--auto-scale-lr: {args.config} has no auto_scale_lr.base_batch_size'
            )
        cfg.auto_scale_lr.enable = True
    if args.keep_global_batch:
        cfg.keep_global_batch = True
    if args.resume:
        cfg.resume = 'auto' if args.resume == 'auto' else True
        cfg.load_from = cfg.get('load_from') if args.resume == 'auto' else args.resume
    cfg.setdefault('runner_type', 'depthdecomp_mm.PhasedRunner')
    RUNNERS.build(cfg).train()
    leave_processes()


if __name__ == '__main__':
    run(main, 'the same command with --resume goes on from the last checkpoint')
