"""Calibrate a checkpoint for a camera, from a few measured distances or depth frames.

A scale is fitted in metres, robustly, and with `--shift` what is added, too. A new checkpoint that
carries them is written if they help on measurements that were left out of the fit; the exit status
is 1 if they do not.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.apis.calibrate import CalibrationReport, calibrate, write_calibrated
from depthdecomp_mm.apis.checkpoint_contents import check_replaceable_checkpoint
from depthdecomp_mm.apis.measurements import Measurements, read_frames, read_points
from depthdecomp_mm.calibration import KEY as CALIBRATION
from depthdecomp_mm.camera_command_line import add_camera_options, check_camera, given_camera
from depthdecomp_mm.command_line import (
    output_file,
    positive_float,
    run,
)
from depthdecomp_mm.files import keep_inputs
from depthdecomp_mm.network_command_line import add_network_options, make_inferencer


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint', help='checkpoint file or address, which stays as it is')
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        '--points', type=Path, help='CSV file with the columns image,x,y,metres (pixels from 0)'
    )
    source.add_argument('--frames', type=Path, help='list of depth frames, lines "image depth"')
    parser.add_argument(
        '--depth-scale', type=positive_float, help='stored units in a metre (with --frames)'
    )
    parser.add_argument(
        '--images', type=Path, help="folder that paths begin at (default: that of the file's own)"
    )
    parser.add_argument('--shift', action='store_true', help='fit what is added, too, in metres')
    parser.add_argument(
        '--out', type=output_file, help='default: CHECKPOINT with _calibrated before its suffix'
    )
    add_camera_options(parser)
    add_network_options(parser)
    args = parser.parse_args(argv)
    check_camera(parser, args)
    if bool(args.frames) != bool(args.depth_scale):
        parser.error('--frames and --depth-scale belong together')
    if not args.out and '://' in args.checkpoint:
        parser.error(f'--out must say where to write, as {args.checkpoint} is no file here')
    path = Path(args.checkpoint)
    args.out = args.out or path.with_name(f'{path.stem}_calibrated{path.suffix}')
    return args


def measure(args: argparse.Namespace, max_depth: float) -> Measurements:
    """Read the points, or the frames."""
    if args.points:
        return read_points(args.points, args.images)
    return read_frames(args.frames, args.depth_scale, args.images, max_depth)


def describe(report: CalibrationReport) -> str:
    """The report as a table."""
    rows = {
        'before': report.before,
        'after': report.after,
        f'leave-one-{report.left_out}-out': report.held_out,
    }
    lines = [f'{report.points} measurements in {report.images} image(s)', f'{"":20}    REL    RMSE']
    lines += [f'{name:20} {errors.rel:6.3f} {errors.rmse:6.3f} m' for name, errors in rows.items()]
    scale, shift = report.calibration.scale, report.calibration.shift
    return '\n'.join([*lines, f'depth is multiplied by {scale:.4f}, plus {shift:.4f} m'])


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    inputs = [p for p in (args.checkpoint, args.points, args.frames, args.config) if p]
    keep_inputs([args.out], inputs)
    check_replaceable_checkpoint(args.out, CALIBRATION)
    inferencer = make_inferencer(args, camera=given_camera(args), show_progress=False)
    measurements = measure(args, inferencer.model.codec.max_depth)
    keep_inputs([args.out], measurements)
    report = calibrate(inferencer, measurements, args.shift)
    print(describe(report))
    if not report.helps:
        print('this does not help on measurements that were left out: nothing is written')
        return 1
    write_calibrated(args.checkpoint, report.calibration, args.out)
    print(f'written to {args.out}')
    return 0


if __name__ == '__main__':
    run(main)
