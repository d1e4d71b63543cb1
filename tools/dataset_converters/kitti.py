"""Verify KITTI as downloaded and list Eigen's split: image, depth and focal length a line.

RAW holds the raw recordings, ``<date>/<drive>/image_02/data/<frame>.png`` with
``<date>/calib_cam_to_cam.txt``; ANNOTATED the annotated depth of the depth prediction benchmark,
``{train,val}/<drive>/proj_depth/groundtruth/image_02/<frame>.png``. The test frames are those of
--test-list that have annotated depth: 652 of 697. The training frames are those of --train-list,
or, without, the left camera's of all drives but Eigen's 28 test scenes, which are not the same as
those that BTS and others train on. Lists are read in the form of BTS
(eigen_test_files_with_gt.txt) and of monodepth2 (splits/eigen/test_files.txt). Writes
``kitti_eigen_train.txt`` and ``kitti_eigen_test.txt``; the files stay as they are.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.converter_command_line import add_common_arguments, run
from depthdecomp_mm.datasets.converters.indexing import Part, index, report
from depthdecomp_mm.datasets.converters.kitti import (
    TEST_DRIVES,
    Downloads,
    Frame,
    parse_frame,
)
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.datasets.pairing import parse_lines
from depthdecomp_mm.errors import SampleError

ANNOTATED_TEST = 652


def read_frames(path: Path) -> list[Frame]:
    """The frames that a list names."""
    return parse_lines(str(path), parse_frame)


def find_samples(downloads: Downloads, name: str, frames: Sequence[Frame]) -> Part:
    """Samples of a part that have annotated depth."""
    part, without = Part(name, []), 0
    for frame in frames:
        try:
            sample = downloads.sample_of(frame)
        except SampleError as error:
            part.problems.append(str(error))
            continue
        if sample is None:
            without += 1
        else:
            part.samples.append(sample)
    if without:
        print(f'{name}: {without} of {len(frames)} frames have no annotated depth')
    return part


def training_frames(args: Namespace, downloads: Downloads) -> list[Frame]:
    """The frames to train on, of none of the test scenes.

    Raises:
        SampleError: If the list for training names a test scene.
    """
    if args.train_list is None:
        return downloads.other_frames()
    frames = read_frames(args.train_list)
    both = [frame for frame in frames if frame.drive in TEST_DRIVES]
    if both:
        raise SampleError(
            f'{args.train_list}: {len(both)} frames are of test scenes, the first of '
            f'{both[0].drive}'
        )
    return frames


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('raw', type=Path, help='folder of the raw recordings')
    parser.add_argument('annotated', type=Path, help='folder of the annotated depth')
    parser.add_argument('--test-list', type=Path, required=True, help="Eigen's test frames")
    parser.add_argument('--train-list', type=Path, help='default: all other drives, left camera')
    parser.add_argument(
        '--partial', action='store_true', help='accept fewer than the 652 test frames'
    )
    add_common_arguments(parser, 'folder for the lists')
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    downloads = Downloads(args.raw, args.annotated)
    frames = dict(train=training_frames(args, downloads), test=read_frames(args.test_list))
    parts = [find_samples(downloads, name, part[: args.limit]) for name, part in frames.items()]
    index(parts, Record(args.out, 'kitti'), 'kitti_eigen_', args.workers, args.limit is not None)
    return report(parts, published=None if args.partial else dict(test=ANNOTATED_TEST))


if __name__ == '__main__':
    run(main)
