"""Export a model to ONNX or TorchScript, and compare it with PyTorch on a frame.

The file takes `image`, (B, 3, H, W) float32 RGB of 0 to 255, and gives `depth`, (B, 1, H, W)
float32 metres, for any batch size; normalisation and decoding are inside.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2

from depthdecomp_mm.apis import DepthInferencer
from depthdecomp_mm.apis.export import FORMATS, check_size, export
from depthdecomp_mm.apis.records import check_replaceable, record_of
from depthdecomp_mm.camera_command_line import add_camera_options, check_camera, given_camera
from depthdecomp_mm.command_line import add_config_options, positive_int, run
from depthdecomp_mm.engine.disk import check_folder
from depthdecomp_mm.files import keep_inputs


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('out', type=Path, help='file to write')
    parser.add_argument('--frame', required=True, help='a real image to compare on')
    parser.add_argument('--config', help="config file (default: the checkpoint's own)")
    parser.add_argument('--format', choices=FORMATS, default='onnx', help='default: onnx')
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
    return args


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    inputs = [path for path in (args.checkpoint, args.frame, args.config) if path]
    keep_inputs([args.out, record_of(args.out)], inputs)
    check_replaceable(record_of(args.out), [args.out.name])
    check_folder(str(args.out.absolute().parent), f'the folder of {args.out}:')  # it takes minutes
    camera = given_camera(args)
    inferencer = DepthInferencer(
        args.config, args.checkpoint, device='cpu', cfg_options=args.cfg_options, camera=camera
    )
    frame = inferencer.read(args.frame)
    height, width = args.size or inferencer.pipeline(args.frame)['inputs'].shape[-2:]
    check_size(inferencer.model, (height, width), args.dynamic_size)
    camera = camera and camera(frame.shape[1::-1])
    frame = cv2.resize(frame, (width, height))
    difference = export(inferencer.model, args.out, frame, args.format, args.dynamic_size, camera)
    multiples = f'any multiples of {inferencer.model.encoder.size_divisor}'
    size = multiples if args.dynamic_size else f'{height} x {width}'
    print(
        f'{args.out}: {args.format}, size {size}, any batch; largest difference to PyTorch on '
        f'{args.frame}: {difference:.2e} of the largest depth'
    )


if __name__ == '__main__':
    run(main)
