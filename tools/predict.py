"""Predict depth of images, folders of images or videos.

For every image depth is written as 16-bit PNG (millimetres), NumPy array, colour panel and coloured
point cloud; for every video a video of input and depth side by side. Files that cannot be read are
passed over and named at the end; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from mmengine.config import DictAction

from depthdecomp_mm.apis import (
    CAMERAS,
    FORMATS,
    METRIC_FORMATS,
    DepthInferencer,
    Intrinsics,
    PredictionWriter,
    as_result,
    expand_pattern,
    is_video,
    list_inputs,
    output_names,
    predict_video,
)
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.progress import Progress


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'input', nargs='+', help='images, folders of images, glob patterns in quotes, videos'
    )
    parser.add_argument('--config', help="config file (default: the checkpoint's own)")
    parser.add_argument('--checkpoint', required=True, help='checkpoint file')
    parser.add_argument('--out-dir', type=Path, default=Path('outputs'), help='folder to write to')
    parser.add_argument('--phase', help='use the network of this phase (default: the last)')
    parser.add_argument('--device', help='such as cpu or cuda:0 (default: a GPU if there is one)')
    parser.add_argument('--batch-size', type=int, default=1, help='images predicted together')
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument(
        '--tta', action='store_true', default=None, help='average with the mirrored image'
    )
    parser.add_argument(
        '--outputs',
        nargs='*',
        choices=['normalized', 'gradients', 'mean'],
        help='what to write beside depth',
    )
    parser.add_argument(
        '--formats', nargs='+', choices=FORMATS, help='files to write (default: all there are)'
    )
    parser.add_argument(
        '--depth-range', nargs=2, type=float, metavar=('NEAR', 'FAR'), help='colours of videos'
    )
    camera = parser.add_argument_group('camera of the point clouds, in pixels of the input images')
    camera.add_argument('--camera', choices=sorted(CAMERAS), help='a known camera')
    camera.add_argument('--fov', type=float, help='horizontal field of view in degrees')
    camera.add_argument('--fx', type=float, help='focal length')
    camera.add_argument('--fy', type=float, help='focal length (default: fx)')
    camera.add_argument('--cx', type=float, help='principal point (default: the middle)')
    camera.add_argument('--cy', type=float, help='principal point (default: the middle)')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings of the config: key=value, lists as key="[a,b]" or key=a,b',
    )
    args = parser.parse_args(argv)
    if sum(value is not None for value in (args.camera, args.fov, args.fx)) > 1:
        parser.error('give one of --camera, --fov and --fx')
    if args.fx is None and any(v is not None for v in (args.fy, args.cx, args.cy)):
        parser.error('--fy, --cx and --cy need --fx')
    if args.batch_size < 1:
        parser.error(f'--batch-size must be at least 1, found {args.batch_size}')
    return args


def choose_camera(args: argparse.Namespace) -> Callable[[tuple[int, int]], Intrinsics]:
    """From an image's size (width, height) to its camera."""
    if args.camera:
        return lambda size: CAMERAS[args.camera].scaled_to(*size)
    if args.fx is not None:
        return partial(Intrinsics.from_focal, fx=args.fx, fy=args.fy, cx=args.cx, cy=args.cy)
    if args.fov is not None:
        return partial(Intrinsics.from_fov, fov=args.fov)
    return Intrinsics.assumed


class Predictor:
    """Predicts and writes, and remembers what could not be read."""

    def __init__(self, inferencer: DepthInferencer, writer: PredictionWriter, args) -> None:
        self.inferencer = inferencer
        self.writer = writer
        self.args = args
        self.done = 0
        self.problems: list[str] = []

    def images(self, paths: Sequence[str]) -> None:
        names = dict(zip(paths, output_names(paths), strict=True))
        bar = Progress(len(paths))

        def skip(path: str, error: SampleError) -> None:
            self.problems.append(str(error))
            bar.update()

        for path, sample in self.inferencer.iterate(paths, self.args.batch_size, skip):
            image = self.inferencer.read(path)
            wanted = 'panel' in self.writer.formats
            panel = self.inferencer.draw(image, sample) if wanted else None
            self.writer.write(names[path], image, as_result(sample), panel)
            self.done += 1
            bar.update()
        bar.close()

    def video(self, path: str, name: str) -> None:
        target = self.args.out_dir / f'{name}_depth.mp4'
        try:
            summary = predict_video(
                self.inferencer, path, target, self.args.batch_size, self.args.depth_range
            )
        except SampleError as error:
            self.problems.append(str(error))
            return
        self.done += 1
        print(f'{target}: {summary.frames} frames, {summary.frames_per_second:.1f} a second')


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    warnings.filterwarnings('once', message='the camera is unknown')
    inferencer = DepthInferencer(
        args.config,
        args.checkpoint,
        device=args.device,
        phase=args.phase,
        flip_test=args.tta,
        amp=args.amp,
        outputs=args.outputs,
        cfg_options=args.cfg_options,
    )
    if 'metric' not in inferencer.model.outputs and set(args.formats or ()) & set(METRIC_FORMATS):
        raise ValueError(f'--formats {" and ".join(METRIC_FORMATS)} need a model that gives metres')
    writer = PredictionWriter(args.out_dir, args.formats or FORMATS, choose_camera(args))
    predictor = Predictor(inferencer, writer, args)
    paths, videos = [], []
    for item in args.input:
        try:
            for path in expand_pattern(item):
                if is_video(path):
                    videos.append(path)
                else:
                    paths += list_inputs(path)
        except SampleError as error:
            predictor.problems.append(str(error))
    if paths:
        predictor.images(list(dict.fromkeys(paths)))
    for path, name in zip(videos, output_names(videos), strict=True):
        predictor.video(path, name)
    print(f'{predictor.done} written to {args.out_dir}, {len(predictor.problems)} unreadable')
    for problem in predictor.problems:
        print(f'  {problem}', file=sys.stderr)
    return 1 if predictor.problems else 0


if __name__ == '__main__':
    warnings.formatwarning = lambda message, *_: f'\nwarning: {message}\n'
    try:
        sys.exit(main())
    except (ValueError, OSError) as error:  # of the model or the arguments
        sys.exit(f'error: {error}')
