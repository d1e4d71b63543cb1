"""NYUv2's labelled file to the official split of 795 training and 654 test pairs.

Writes ``official_splits/{train,test}/<scene type>/rgb_%05d.png`` and ``sync_depth_%05d.png``
(16-bit millimetres) below ``--out``, and the list files ``nyu_795_train.txt`` and ``nyu_test.txt``
with lines ``rgb depth focal`` relative to it. Training depth is filled, test depth is raw.
Colour is written without loss; ``--image-format jpg`` gives the file names of other toolboxes.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from depthdecomp_mm.datasets.converters.inspection import (
    Outcome,
    depth_stats,
    finished_pair,
    summarise,
)
from depthdecomp_mm.datasets.converters.nyu_labeled import FOCAL_LENGTH, LabeledFile, read_splits
from depthdecomp_mm.datasets.converters.running import add_common_arguments, parallel_map, run
from depthdecomp_mm.datasets.converters.writing import (
    MILLIMETRES,
    record_options,
    write_color,
    write_depth,
    write_list,
)
from depthdecomp_mm.datasets.fill_depth import fill_depth

TOO_FAR = 10.0
"""Metres; a raw depth of exactly this is no measurement but the sensor's limit."""


@dataclass(frozen=True)
class LabeledPair:
    """Where an image of the labelled file goes."""

    index: int
    part: str
    scene_type: str
    suffix: str

    @property
    def color(self) -> str:
        return f'{self._folder}/rgb_{self.index:05d}{self.suffix}'

    @property
    def depth(self) -> str:
        return f'{self._folder}/sync_depth_{self.index:05d}.png'

    @property
    def _folder(self) -> str:
        return f'official_splits/{self.part}/{self.scene_type}'


@lru_cache(maxsize=1)
def _open(mat: Path, process: int) -> LabeledFile:
    # HDF5 files must not be shared between processes.
    return LabeledFile(mat)


def convert(mat: Path, out: Path, refill: str, pair: LabeledPair) -> Outcome:
    """Write one pair unless an earlier run has."""
    color, depth_path = out / pair.color, out / pair.depth
    if finished := finished_pair(color, depth_path, MILLIMETRES):
        return finished
    labeled = _open(mat, os.getpid())
    image = labeled.image(pair.index)
    raw = pair.part == 'test' or refill != 'no'
    depth = labeled.depth(pair.index, raw=raw)
    if pair.part == 'train' and raw:
        depth = fill_depth(depth, image, depth < TOO_FAR, soft=refill == 'soft')
    stats = depth_stats(depth, depth > 0, f'{mat}: image {pair.index + 1}')
    write_color(color, image)
    write_depth(depth_path, depth)
    return Outcome(stats)


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('mat', type=Path, help='nyu_depth_v2_labeled.mat')
    parser.add_argument('splits', type=Path, help='splits.mat')
    parser.add_argument(
        '--refill',
        nargs='?',
        choices=('hard', 'soft', 'no'),
        const='hard',
        default='no',
        help="fill the raw training depth here instead of taking the file's filled one: hard "
        '(measured pixels kept, the default of this option) or soft (as the NYUv2 toolbox)',
    )
    parser.add_argument('--image-format', choices=('png', 'jpg'), default='png')
    add_common_arguments(parser, 'folder to write to')
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    with LabeledFile(args.mat) as labeled:
        scene_types = labeled.strings('sceneTypes')
        splits = read_splits(args.splits, len(labeled))
    options = dict(refill=args.refill, image_format=args.image_format)
    record_options(args.out, 'nyu_labeled', options)
    status = 0
    for part, list_name in (('train', 'nyu_795_train.txt'), ('test', 'nyu_test.txt')):
        pairs = [
            LabeledPair(int(index), part, scene_types[index], f'.{args.image_format}')
            for index in splits[part][: args.limit]
        ]
        function = partial(convert, args.mat, args.out, args.refill)
        outcomes = parallel_map(function, pairs, args.workers, part)
        good = [pair for pair, outcome in zip(pairs, outcomes, strict=True) if outcome.stats]
        lines = [(pair.color, pair.depth, FOCAL_LENGTH) for pair in good]
        write_list(args.out / list_name, lines, trial=args.limit is not None)
        print(summarise(part, outcomes))
        status |= len(good) < len(pairs)
    return int(status)


if __name__ == '__main__':
    run(main)
