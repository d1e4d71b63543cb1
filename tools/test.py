"""Evaluate a checkpoint with the metrics of its config."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import is_main_process

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.command_line import add_config_options, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine import DepthRunner
from depthdecomp_mm.engine.config_check import check_test_config
from depthdecomp_mm.engine.disk import check_file, check_folder
from depthdecomp_mm.engine.launch import default_work_dir, leave_processes, set_launcher
from depthdecomp_mm.engine.phases import phase_config, read_phases
from depthdecomp_mm.engine.unwrapping import unwrapped
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.evaluation import align_metrics
from depthdecomp_mm.evaluation.alignment import ALIGNMENTS
from depthdecomp_mm.files import keep_inputs
from depthdecomp_mm.reporting import page
from depthdecomp_mm.reporting.hook import ReportHook
from depthdecomp_mm.reporting.provenance import how_it_was_made
from depthdecomp_mm.reporting.results import SUFFIXES, gather_results, write_results


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--work-dir', help='folder of the log')
    parser.add_argument('--show-dir', help='folder for panels of image, truth, prediction, error')
    parser.add_argument(
        '--out',
        help='write metrics, their intervals and those of each image to this .json, .yaml or .pkl '
        'file, or those of each image alone to a .csv file',
    )
    parser.add_argument('--report', metavar='DIR', help='folder for a page to look at in a browser')
    parser.add_argument('--tta', action='store_true', help='average with the mirrored image')
    parser.add_argument(
        '--fuse-conv-bn',
        action='store_true',
        help='fold BatchNorm into the convolutions before it, for speed',
    )
    parser.add_argument(
        '--align',
        nargs='+',
        choices=ALIGNMENTS,
        help='measure under each of these alignments with the ground truth',
    )
    parser.add_argument('--phase', help='test the network of this phase (default: the last)')
    add_config_options(parser)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='launcher'
    )
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    args = parser.parse_args(argv)
    if args.out and not args.out.endswith(SUFFIXES):
        parser.error(f'--out must end in .json, .yaml, .pkl or .csv, but found {args.out}')
    keep_inputs([args.out] if args.out else [], [args.config, args.checkpoint])
    return args


def read_phase(path: str, name: str | None, options: dict) -> Config:
    """The config of the phase to test, the last by default."""
    cfg = read_config(path)
    *_, last = read_phases(cfg)
    tested = name or last
    for key in options:
        if key.startswith('phases.') and not key.startswith(f'phases.{tested}.'):
            # no fault: training may have been given the same options
            print(f'{key} changes nothing: {tested} is tested', file=sys.stderr)
    cfg = phase_config(cfg, tested, options)
    if tested != last:  # an early phase may lack what the config tests: it says how to validate
        cfg.test_evaluator = cfg.get('val_evaluator')
    return cfg


def run_name(config: str) -> str:
    """What the report calls a run: its config."""
    return Path(config).stem


def write(args: argparse.Namespace, runner: DepthRunner, numbers: dict[str, float]) -> None:
    """Write what was found, and the report."""
    if all(value != value for value in numbers.values()):
        raise UserError(f'nothing was measured: {args.out or args.report} is not written')
    metrics = runner.test_loop.evaluator.metrics
    made = how_it_was_made(runner.cfg, args.config, unwrapped(runner.model), metrics)
    results = gather_results(metrics, numbers, made)
    if args.out:
        write_results(args.out, results)
    if args.report:
        hook = next(hook for hook in runner.hooks if isinstance(hook, ReportHook))
        page.write_report(args.report, run_name(args.config), results, hook)
        print(f'Open {args.report}/index.html in a browser')


def measure(args: argparse.Namespace, cfg: Config) -> None:
    """Test, and write what was found; the runner, which holds the group of processes, is let go."""
    runner = DepthRunner.from_cfg(cfg)
    numbers = runner.test()
    if is_main_process() and (args.out or args.report):
        write(args, runner, numbers)


def aligned(cfg: Config, names: Sequence[str]) -> list[dict]:
    """The metrics of a config, with alignments; a network without M-Net has no metres to align."""
    has_metres = cfg.model.get('metric_decoder', {}) is not None
    return align_metrics(cfg.get('test_evaluator') or [], names, has_metres)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    cfg = read_phase(args.config, args.phase, args.cfg_options or {})
    set_launcher(cfg, args.launcher, args.local_rank)
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or default_work_dir(args.config)
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
        cfg.get('default_hooks', {}).pop('visualization', None)
    if args.report:
        folder = str(page.run_folder(args.report, run_name(args.config)))
        hook = dict(type='ReportHook', out_dir=folder)
        cfg.merge_from_dict({'default_hooks.report': hook})
    if args.align:
        cfg.test_evaluator = aligned(cfg, args.align)
    check_test_config(cfg)
    check_folder(cfg.work_dir, 'work_dir')
    if args.show_dir:
        check_folder(args.show_dir, '--show-dir')
    if args.out:
        check_file(args.out, '--out')
    if args.report:
        check_folder(args.report, '--report')
        page.prepare_folder(args.report)
    measure(args, cfg)
    leave_processes()


if __name__ == '__main__':
    run(main)
