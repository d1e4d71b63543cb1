"""Predict depth of images, folders of images or videos.

For every image depth is written as 16-bit PNG (millimetres), NumPy array, colour panel and coloured
point cloud; for every video a video of input and depth side by side. Files that cannot be read or
written are passed over and named at the end; the exit status is then 1. Files of an earlier run are
replaced, those of others are not.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from depthdecomp_mm.apis import (
    FORMATS,
    METRIC_FORMATS,
    DepthInferencer,
    PredictionWriter,
    SteadyRange,
    as_result,
    expand_pattern,
    is_video,
    list_inputs,
    output_names,
    predict_video,
)
from depthdecomp_mm.apis.alignment import align_sample
from depthdecomp_mm.apis.measurements import Measurements, read_points
from depthdecomp_mm.camera_command_line import (
    add_camera_options,
    check_camera,
    choose_camera,
    given_camera,
)
from depthdecomp_mm.command_line import positive_int, run
from depthdecomp_mm.errors import SampleError, UserError
from depthdecomp_mm.files import keep_inputs
from depthdecomp_mm.models.encoders.package_weights import SHIPPED
from depthdecomp_mm.network_command_line import add_network_options, make_inferencer
from depthdecomp_mm.progress import Progress
from depthdecomp_mm.structures import DepthDataSample


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'input', nargs='+', help='images, folders of images, glob patterns in quotes, videos'
    )
    parser.add_argument(
        '--checkpoint',
        default=SHIPPED,
        help='checkpoint file, hf://OWNER/NAME or https address, or a file that depthdecomp export '
        'wrote (default: the small network that comes with the package)',
    )
    parser.add_argument(
        '--trust-code', action='store_true', help='run the native code in an exported .pt2 file'
    )
    parser.add_argument('--out-dir', type=Path, default=Path('outputs'), help='folder to write to')
    parser.add_argument(
        '--batch-size', type=positive_int, default=1, help='images predicted together'
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument(
        '--outputs',
        nargs='*',
        choices=['normalized', 'gradients', 'mean'],
        help='what to write and draw beside depth',
    )
    parser.add_argument(
        '--formats', nargs='+', choices=FORMATS, help='files to write (default: all there are)'
    )
    parser.add_argument(
        '--depth-range', nargs=2, type=float, metavar=('NEAR', 'FAR'), help='colours of videos'
    )
    parser.add_argument(
        '--align', type=Path, metavar='POINTS',
        help='CSV file image,x,y,metres: give the maps of a network without M-Net metres, image by '
        'image',
    )  # fmt: skip
    add_camera_options(parser)
    add_network_options(parser)
    args = parser.parse_args(argv)
    check_camera(parser, args)
    try:  # before any file is written
        SteadyRange(limits=args.depth_range)
    except ValueError as error:
        parser.error(str(error))
    return args


class Predictor:
    """Predicts and writes, and remembers what could not be read or written."""

    def __init__(self, inferencer: DepthInferencer, writer: PredictionWriter, args) -> None:
        self.inferencer = inferencer
        self.writer = writer
        self.args = args
        self.points = read_alignment(args.align) if args.align else None
        self.done = 0
        self.problems: list[str] = []

    @property
    def predicts(self) -> tuple[str, ...]:
        return (*self.inferencer.predicts, 'depth') if self.points else self.inferencer.predicts

    def inputs(self, items: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Images and videos by their paths, with names for their files."""
        images, videos = [], []
        for item in items:
            with self.problem():
                for path in expand_pattern(item):
                    if is_video(path):
                        videos.append(path)
                    else:
                        images += list_inputs(path)
        return _named(images), _named(videos)

    def targets(self, images: dict[str, str], videos: dict[str, str]) -> list[Path]:
        """All files to write."""
        files = [self.writer.targets(name, self.predicts) for name in images.values()]
        return sum(files, [self.video_target(name) for name in videos.values()])

    def video_target(self, name: str) -> Path:
        return self.args.out_dir / f'{name}_depth.mp4'

    def images(self, names: dict[str, str]) -> None:
        paths = []
        for path, name in names.items():
            with self.problem():
                self.writer.check(name, self.predicts)
                paths.append(path)
        bar = Progress(len(paths))

        def skip(path: str, error: SampleError) -> None:
            self.problems.append(str(error))
            bar.update()

        for path, sample in self.inferencer.iterate_images(paths, self.args.batch_size, skip):
            with self.problem():
                if self.points:
                    self.align(path, sample)
                image = self.inferencer.read(path)
                wanted = 'panel' in self.writer.formats
                panel = self.inferencer.draw(image, sample) if wanted else None
                self.writer.write(names[path], image, as_result(sample), panel)
                self.done += 1
            bar.update()
        bar.close()

    def align(self, path: str, sample: DepthDataSample) -> None:
        points = self.points.get(os.path.realpath(path))
        if not points:
            raise SampleError(f'{path}: has no point in {self.args.align}')
        align_sample(sample, points, self.inferencer.model.codec)

    def video(self, path: str, name: str) -> None:
        with self.problem(), warnings.catch_warnings():
            warnings.filterwarnings('ignore', message='.* frames could be read')  # named at the end
            target = self.video_target(name)
            summary = predict_video(
                self.inferencer, path, target, self.args.batch_size, self.args.depth_range
            )
            self.done += 1
            print(f'\n{target}: {summary.frames} frames, {summary.frames_per_second:.1f} a second')
            if summary.frames < summary.announced:
                raise SampleError(
                    f'{path}: {summary.frames} of {summary.announced} frames could be read'
                )

    @contextmanager
    def problem(self) -> Iterator[None]:
        """Note what is wrong with one input, to go on with the others."""
        try:
            yield
        except UserError as error:
            self.problems.append(str(error))


def read_alignment(path: Path) -> Measurements:
    """The points of a file by the real paths of their images."""
    return {os.path.realpath(image): points for image, points in read_points(path).items()}


def check_outputs(args: argparse.Namespace, inferencer: DepthInferencer) -> None:
    """Refuse what the model cannot give."""
    metric = 'depth' in inferencer.predicts
    if args.align and metric:
        raise UserError(
            '--align is for networks without M-Net; this one gives metres, which depthdecomp '
            'calibrate brings to those of a camera'
        )
    if not (metric or args.align) and set(args.formats or ()) & set(METRIC_FORMATS):
        raise UserError(f'--formats {" and ".join(METRIC_FORMATS)} need a model that gives metres')


def _named(paths: Sequence[str]) -> dict[str, str]:
    return dict(zip(paths, output_names(paths), strict=True))


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    inferencer = make_inferencer(
        args,
        amp=args.amp,
        outputs=args.outputs,
        camera=given_camera(args),
        trust_code=args.trust_code,
    )
    check_outputs(args, inferencer)
    writer = PredictionWriter(args.out_dir, args.formats or FORMATS, choose_camera(args))
    predictor = Predictor(inferencer, writer, args)
    images, videos = predictor.inputs(args.input)
    settings = [path for path in (args.checkpoint, args.config, args.align) if path]
    keep_inputs(predictor.targets(images, videos), [*images, *videos, *settings])
    if images:
        predictor.images(images)
    for path, name in videos.items():
        predictor.video(path, name)
    print(f'{predictor.done} written to {args.out_dir}, {len(predictor.problems)} with problems')
    for problem in predictor.problems:
        print(f'  {problem}', file=sys.stderr)
    return 1 if predictor.problems else 0


if __name__ == '__main__':
    warnings.formatwarning = lambda message, *_: f'\nwarning: {message}\n'
    run(main, 'files written so far are whole')
