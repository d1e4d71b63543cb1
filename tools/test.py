"""Evaluate a checkpoint with the metrics of its config."""

from __future__ import annotations

import argparse
import os.path as osp

import mmengine

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.command_line import add_config_options, read_config, run
from depthdecomp_mm.engine import DepthRunner
from depthdecomp_mm.engine.launch import set_launcher
from depthdecomp_mm.engine.phases import phase_config


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--work-dir', help='folder of the log')
    parser.add_argument('--show-dir', help='folder for panels of image, truth, prediction, error')
    parser.add_argument('--out', help='write the metrics to this .json, .yaml or .pkl file')
    parser.add_argument('--tta', action='store_true', help='average with the mirrored image')
    parser.add_argument(
        '--fuse-conv-bn',
        action='store_true',
        help='fold BatchNorm into the convolutions before it, for speed',
    )
    parser.add_argument('--phase', help='test the network of this phase (default: the last)')
    add_config_options(parser)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='launcher'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    args = parser.parse_args()
    if args.out and not args.out.endswith(('.json', '.yaml', '.yml', '.pkl', '.pickle')):
        parser.error(f'--out must end in .json, .yaml or .pkl, but found {args.out}')
    return args


def main() -> None:
    args = parse_args()
    cfg = phase_config(read_config(args.config, args.cfg_options), args.phase)
    set_launcher(cfg, args.launcher, args.local_rank)
    default = osp.join('work_dirs', osp.splitext(osp.basename(args.config))[0])
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or default
    cfg.load_from, cfg.resume = args.checkpoint, False
    if args.fuse_conv_bn:
        cfg.fuse_conv_bn = True
    if args.tta:
        cfg.merge_from_dict({'model.test_cfg.flip_test': True})
    if args.show_dir:
        cfg.merge_from_dict(
            {
                'default_hooks.visualization': dict(
                    type='DepthVisualizationHook', draw=True, interval=1, test_out_dir=args.show_dir
                )
            }
        )
    else:
        cfg.default_hooks.pop('visualization', None)
    # phase 1 validates with fewer metrics than the config tests with
    cfg.test_evaluator = cfg.val_evaluator if args.phase else cfg.test_evaluator
    metrics = DepthRunner.from_cfg(cfg).test()
    if args.out and mmengine.dist.is_main_process():
        mmengine.mkdir_or_exist(osp.dirname(osp.abspath(args.out)))
        mmengine.dump(metrics, args.out)


if __name__ == '__main__':
    run(main)
