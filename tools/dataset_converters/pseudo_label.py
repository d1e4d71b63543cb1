"""Relative labels for images without any, by a network that estimates depth.

TEACHER is a depth model of ``transformers`` (its folder, or its name on the Hugging Face Hub), an
ONNX file, or a checkpoint of ours, also one of phase 1. Images, 16-bit labels and masks of the
pixels to believe go to ``--out`` in HR-WSI's layout, which ``custom --relative`` takes, and
``contact_sheet.png`` shows some of them. Masked are sky, saturated ends of the range, and pixels
that the teacher sees otherwise in the mirrored image. Given again, the command goes on where it
was ended.

Exit status: 0, 1 if images got no label, 2 on an error.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from mmengine.device import get_device

from depthdecomp_mm.apis import is_video, list_inputs
from depthdecomp_mm.apis.pseudo_labels import (
    Labels,
    Meaning,
    Trust,
    label_images,
    open_teacher,
)
from depthdecomp_mm.apis.pseudo_labels.meaning import UNITS
from depthdecomp_mm.apis.pseudo_labels.onnx_teacher import IMAGENET
from depthdecomp_mm.apis.pseudo_labels.sheet import contact_sheet
from depthdecomp_mm.command_line import device, positive_float, positive_int
from depthdecomp_mm.converter_command_line import run
from depthdecomp_mm.datasets.converters.inspection import summarise
from depthdecomp_mm.datasets.converters.writing import write_image
from depthdecomp_mm.errors import SampleError

ONNX_OPTIONS = ('size', 'mean', 'std')


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('frames', nargs='+', help='images, folders, glob patterns in quotes')
    parser.add_argument('--teacher', required=True, help='model, .onnx file, or checkpoint of ours')
    parser.add_argument('--out', type=Path, required=True, help='folder for the labels')
    parser.add_argument('--phase', help='of a checkpoint of ours; default: the last')
    parser.add_argument(
        '--orientation',
        choices=('disparity', 'depth'),
        help='what the teacher predicts; default: what is known of it',
    )
    parser.add_argument('--unit', choices=tuple(UNITS), help='of depth; goes with --orientation')
    parser.add_argument(
        '--mirror-threshold',
        type=positive_float,
        default=Trust.mirror,
        metavar='T',
        help='mask pixels that differ more from the mirrored prediction, in mean absolute '
        'deviations; default: %(default)s',
    )
    parser.add_argument(
        '--no-mirror', action='store_true', help='predict each frame once, and believe it'
    )
    parser.add_argument('--keep-ends', action='store_true', help='believe saturated ends, too')
    onnx = parser.add_argument_group('of ONNX files')
    onnx.add_argument('--size', nargs=2, type=positive_int, metavar=('H', 'W'))
    for name, default in zip(('mean', 'std'), IMAGENET, strict=True):
        onnx.add_argument(
            f'--{name}',
            nargs=3,
            type=float,
            metavar=('R', 'G', 'B'),
            help=f'of 0 to 255; default: {default}',
        )
    parser.add_argument(
        '--device', type=device, help='such as cpu or cuda:0 (default: a GPU if there is one)'
    )
    parser.add_argument('--limit', type=positive_int, metavar='N', help='the first N frames only')
    args = parser.parse_args(argv)
    if (args.orientation is None) != (args.unit is None):
        parser.error('--orientation and --unit are expected together')
    return args


def find_frames(args: Namespace) -> list[str]:
    """The image files to label, each once."""
    if videos := [frame for frame in args.frames if is_video(frame)]:
        raise SampleError(f'{videos[0]}: found a video, expected images: write its frames first')
    frames = list(dict.fromkeys(list_inputs(args.frames)))[: args.limit]
    out = args.out.resolve()
    if taken := [frame for frame in frames if Path(frame).resolve().is_relative_to(out)]:
        raise SampleError(f'--out {args.out}: holds the frame {taken[0]}, expected another folder')
    return frames


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    frames = find_frames(args)
    teacher = open_teacher(
        args.teacher,
        args.device or get_device(),
        args.phase,
        args.orientation and Meaning(args.orientation, args.unit),
        **{name: value for name in ONNX_OPTIONS if (value := getattr(args, name)) is not None},
    )
    print(f'{teacher.name}: predicts {teacher.meaning}; licence: {teacher.licence}')
    mirror = None if args.no_mirror else args.mirror_threshold
    trust = Trust(mirror, None if args.keep_ends else Trust.plateau)
    labels = Labels(args.out, teacher, trust)
    samples, outcomes = label_images(labels, frames)
    print(summarise('labels', outcomes, unit=''))
    if samples:
        write_image(labels.sheet, contact_sheet(samples))
        print(f'look at {labels.sheet}, then: depthdecomp custom ... --relative {args.out}')
    return 0 if len(samples) == len(frames) else 1


if __name__ == '__main__':
    run(main)
