"""Export a model to ONNX, OpenVINO, AOTInductor or TorchScript, and compare it with PyTorch.

The file takes `image`, (B, 3, H, W) float32 RGB of 0 to 255, and gives `depth`, (B, 1, H, W)
float32 metres, for any batch size; normalisation and decoding are inside. With `--precision bf16`
or `int8` metrics are measured on `--frames`, and a file that is worse than a bound is refused.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2

from depthdecomp_mm.apis import DepthInferencer
from depthdecomp_mm.apis.export import FORMATS, export, files_of
from depthdecomp_mm.apis.exported.exportable import check_size
from depthdecomp_mm.apis.exported.loss import Bound, Frame, read_frames
from depthdecomp_mm.apis.exported.reduced import explain, export_reduced
from depthdecomp_mm.apis.records import check_replaceable, record_of
from depthdecomp_mm.camera_command_line import add_camera_options, check_camera, given_camera
from depthdecomp_mm.command_line import add_config_options, positive_float, positive_int, run
from depthdecomp_mm.engine.disk import check_folder
from depthdecomp_mm.files import keep_inputs

INT8_ONNX = 'onnx-int8'


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('out', type=Path, help='file to write')
    parser.add_argument('--frame', help='a real image to compare on (with fp32)')
    parser.add_argument('--config', help="config file (default: the checkpoint's own)")
    parser.add_argument(
        '--format', choices=(*FORMATS, INT8_ONNX), default='onnx',
        help='default: onnx; onnx-int8 is onnx with --precision int8',
    )  # fmt: skip
    parser.add_argument('--precision', choices=('fp32', 'bf16', 'int8'), help='default: fp32')
    parser.add_argument(
        '--frames', type=Path,
        help='for bf16 and int8: folder of images, or list with lines "image depth"; 32 are taken',
    )  # fmt: skip
    parser.add_argument(
        '--depth-scale', type=positive_float, help='stored units of their depth in a metre'
    )
    parser.add_argument(
        '--max-rel-loss', type=positive_float, default=Bound.rel, metavar='SHARE',
        help='how much worse REL may get, relative to fp32 (default: %(default)s)',
    )  # fmt: skip
    parser.add_argument(
        '--max-tau-loss', type=positive_float, default=Bound.tau, metavar='TAU',
        help="how much worse Kendall's tau may get (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        '--size', nargs=2, type=positive_int, metavar=('H', 'W'),
        help='input size, multiples of 32 with most encoders (default: that of the test pipeline)',
    )  # fmt: skip
    parser.add_argument(
        '--dynamic-size', action='store_true', help='take other multiples of it, too'
    )
    add_camera_options(parser)
    add_config_options(parser)
    args = parser.parse_args(argv)
    check_camera(parser, args)
    if args.format == INT8_ONNX:
        if args.precision not in (None, 'int8'):
            parser.error(f'--format {INT8_ONNX} has --precision int8')
        args.format, args.precision = 'onnx', 'int8'
    args.precision = args.precision or 'fp32'
    needed = 'frame' if args.precision == 'fp32' else 'frames'
    if not getattr(args, needed):
        parser.error(f'--precision {args.precision} needs --{needed}')
    return args


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    frames = read_frames(args.frames) if args.precision != 'fp32' else [Frame(args.frame)]
    inputs = [path for path in (args.checkpoint, args.config, args.frames) if path]
    inputs += [path for frame in frames for path in frame if path]
    keep_inputs([*files_of(args.out), record_of(args.out)], inputs)
    check_replaceable(record_of(args.out), [args.out.name])
    check_folder(str(args.out.absolute().parent), f'the folder of {args.out}:')  # it takes minutes
    camera = given_camera(args)
    inferencer = DepthInferencer(
        args.config, args.checkpoint, device='cpu', cfg_options=args.cfg_options, camera=camera
    )
    frame = inferencer.read(frames[0].image)
    size = args.size or inferencer.pipeline(frames[0].image)['inputs'].shape[-2:]
    check_size(inferencer.model, size, args.dynamic_size)
    camera = camera and camera(frame.shape[1::-1])
    if args.precision == 'fp32':
        image = cv2.resize(frame, size[::-1])
        difference = export(
            inferencer.model, args.out, image, args.format, args.dynamic_size, camera
        )
        found = (
            f'largest difference to PyTorch on {args.frame}: {difference:.2e} of the largest depth'
        )
    else:
        bound = Bound(args.max_rel_loss, args.max_tau_loss)
        reduction = export_reduced(
            inferencer.model, args.out, size, frames, args.format, args.precision,
            args.depth_scale, bound, args.dynamic_size, camera,
        )  # fmt: skip
        found = explain(reduction, bound)
    multiples = f'any multiples of {inferencer.model.encoder.size_divisor}'
    takes = multiples if args.dynamic_size else f'{size[0]} x {size[1]}'
    print(f'{args.out}: {args.format} {args.precision}, size {takes}, any batch; {found}')


if __name__ == '__main__':
    run(main)
