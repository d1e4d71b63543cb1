"""NYUv2's raw dump to aligned training pairs in the synchronised set's layout.

Pairs every colour frame of the training scenes with the depth frame nearest in time, samples
``--num`` of the pairs at even distances, undistorts both, projects the depth to the colour camera,
fills its holes and writes ``<scene>/rgb_<time>.jpg`` and ``<scene>/sync_depth_<time>.png`` (16-bit
millimetres) below ``--out``, named after the colour frame, so that several runs with different
``--num`` share their files, and frames that are added later change none of them.
``nyu_51k_train.txt`` (by ``--num``) lists them as ``rgb depth focal``; ``nyu_51k_skipped.txt``
names what was left out as cut off or unreadable.

Exit status: 0, 1 if scenes of the training split are not in the dump, 2 on an error.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from depthdecomp_mm.command_line import positive_float, whole_number
from depthdecomp_mm.converter_command_line import add_common_arguments, run
from depthdecomp_mm.datasets.converters import kinect
from depthdecomp_mm.datasets.converters.inspection import (
    Outcome,
    depth_stats,
    finished_pair,
    summarise,
)
from depthdecomp_mm.datasets.converters.lists import keep_longer_lists, list_text
from depthdecomp_mm.datasets.converters.nyu_labeled import FOCAL_LENGTH, LabeledFile, read_splits
from depthdecomp_mm.datasets.converters.nyu_raw import (
    RawFrame,
    find_scenes,
    is_training_scene,
    pair_frames,
    sample_uniformly,
)
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.datasets.converters.running import parallel_map
from depthdecomp_mm.datasets.converters.writing import MILLIMETRES, write_depth, write_image
from depthdecomp_mm.datasets.fill_depth import fill_depth
from depthdecomp_mm.errors import SampleError


def file_names(frame: RawFrame, image_format: str) -> tuple[str, str]:
    """Colour and depth file of a frame, relative to the output folder."""
    return f'{frame.stem.format("rgb")}.{image_format}', f'{frame.stem.format("sync_depth")}.png'


def list_name(num: int) -> str:
    """What the lists' names begin with: ``nyu_51k``, ``nyu_500`` or ``nyu_all``."""
    if num and num % 1000 == 0:
        return f'nyu_{num // 1000}k'
    return f'nyu_{num or "all"}'


def convert(out: Path, fill: str, image_format: str, frame: RawFrame) -> Outcome:
    """Write one pair unless an earlier run has."""
    color_path, depth_path = (out / name for name in file_names(frame, image_format))
    if finished := finished_pair(color_path, depth_path, MILLIMETRES):
        return finished
    image, depth = kinect.align(kinect.read_color(frame.color), kinect.read_disparity(frame.depth))
    stats = depth_stats(depth, depth > 0, frame.depth)
    if fill != 'no':
        depth = fill_depth(depth, image, soft=fill == 'soft')
        stats = depth_stats(depth, depth > 0, frame.depth)
    write_image(color_path, image)
    write_depth(depth_path, depth)
    return Outcome(stats)


def training_scenes(args: Namespace) -> tuple[dict[str, Path], list[str]]:
    """The training scenes of the dump, and the names of those that it lacks."""
    with LabeledFile(args.labeled) as labeled:
        names = labeled.strings('scenes')
        splits = read_splits(args.splits, len(labeled))
    train, test = ({names[i] for i in splits[part]} for part in ('train', 'test'))
    found = find_scenes(args.raw)
    chosen = {
        name: folder for name, folder in found.items() if is_training_scene(name, train, test)
    }
    missing = sorted(train - test - found.keys())
    print(
        f'{len(found)} scenes in {args.raw}: {len(chosen)} to train on, {len(found) - len(chosen)} '
        f'left out (test scenes or not of the split), {len(missing)} training scenes missing'
    )
    return chosen, missing


def choose_frames(scenes: dict[str, Path], args: Namespace) -> tuple[list[RawFrame], list[str]]:
    """The sampled frames, and a line for each that was left out before."""
    frames, problems = [], []
    for scene, folder in sorted(scenes.items()):
        pairs, left_out = pair_frames(scene, folder, args.max_gap)
        frames += pairs
        problems += left_out
    wanted = args.num or len(frames)
    if not 0 < wanted <= len(frames):
        raise SampleError(
            f'{args.raw}: found {len(frames)} whole pairs in {len(scenes)} training scenes, '
            f'expected at least --num {args.num} (0 takes all); {len(problems)} files left out'
        )
    print(f'{len(frames)} pairs, {len(problems)} files or frames left out, {wanted} sampled')
    return [frames[i] for i in sample_uniformly(len(frames), wanted)][: args.limit], problems


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('raw', type=Path, help='folder of the raw dump')
    parser.add_argument(
        '--labeled', type=Path, required=True, help='nyu_depth_v2_labeled.mat, for its scenes'
    )
    parser.add_argument('--splits', type=Path, required=True, help='splits.mat')
    parser.add_argument(
        '--num',
        type=whole_number,
        default=51000,
        help='pairs to sample; 0 takes all; default: 51000',
    )
    parser.add_argument(
        '--max-gap',
        type=positive_float,
        default=0.1,
        help='seconds between colour and depth, at most; default: 0.1',
    )
    parser.add_argument(
        '--fill',
        choices=('hard', 'soft', 'no'),
        default='hard',
        help='hole filling: hard (measured pixels kept; default), soft (as the NYUv2 toolbox), no',
    )
    parser.add_argument('--image-format', choices=('jpg', 'png'), default='jpg')
    add_common_arguments(parser, 'folder to write to')
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    scenes, missing = training_scenes(args)
    frames, problems = choose_frames(scenes, args)
    name = list_name(args.num)
    train, skipped = f'{name}_train.txt', f'{name}_skipped.txt'
    options = dict(fill=args.fill, image_format=args.image_format, max_gap=args.max_gap)
    record = Record(args.out, 'nyu_raw', options)
    record.check_texts((train, skipped))
    record.claim(
        {
            path: f'{frame.color.name} {frame.depth.name}'
            for frame in frames
            for path in file_names(frame, args.image_format)
        }
    )
    function = partial(convert, args.out, args.fill, args.image_format)
    outcomes = parallel_map(function, frames, args.workers, 'frames')
    good = [frame for frame, outcome in zip(frames, outcomes, strict=True) if outcome.stats]
    lines = [(*file_names(frame, args.image_format), FOCAL_LENGTH) for frame in good]
    problems += [outcome.problem for outcome in outcomes if outcome.problem]
    texts = {train: list_text(lines), skipped: ''.join(f'{line}\n' for line in problems)}
    if args.limit:
        keep_longer_lists(args.out, {train: texts[train]})
    record.write_texts(texts)
    print(summarise('training', outcomes))
    print(f'{len(problems)} files or frames skipped, listed in {args.out / skipped}')
    if missing:
        print(f'{len(missing)} training scenes missing: {", ".join(missing)}')
    return int(bool(missing) or not good)


if __name__ == '__main__':
    run(main)
