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

import numpy as np

from depthdecomp_mm.converter_command_line import add_common_arguments, run
from depthdecomp_mm.datasets.converters.inspection import (
    Outcome,
    depth_stats,
    finished_pair,
    summarise,
)
from depthdecomp_mm.datasets.converters.lists import keep_longer_lists, list_text
from depthdecomp_mm.datasets.converters.nyu_labeled import FOCAL_LENGTH, LabeledFile, read_splits
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.datasets.converters.running import parallel_map
from depthdecomp_mm.datasets.converters.writing import MILLIMETRES, write_depth, write_image
from depthdecomp_mm.datasets.fill_depth import fill_depth

LISTS = {'train': 'nyu_795_train.txt', 'test': 'nyu_test.txt'}
BTS_FRAME = np.s_[7:474, 7:632]
"""What the script of BTS (Lee et al.) keeps of an image; the rest is black."""
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


def convert(mat: Path, out: Path, refill: str, bts_frame: bool, pair: LabeledPair) -> Outcome:
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
    write_image(color, blacken_outside(image, BTS_FRAME) if bts_frame else image)
    write_depth(depth_path, depth)
    return Outcome(stats)


def blacken_outside(image: np.ndarray, window: tuple[slice, slice]) -> np.ndarray:
    """A copy of an (H, W, 3) image that is black outside of a window."""
    result = np.zeros_like(image)
    result[window] = image[window]
    return result


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
    parser.add_argument(
        '--image-format', choices=('png', 'jpg'), help='default: png, or jpg with --bts-frame'
    )
    parser.add_argument(
        '--bts-frame',
        action='store_true',
        help="images as BTS's script makes them, which the authors tested on: JPEG, black outside "
        'of rows 7 to 473 and columns 7 to 631',
    )
    add_common_arguments(parser, 'folder to write to')
    args = parser.parse_args(argv)
    args.image_format = args.image_format or ('jpg' if args.bts_frame else 'png')
    return args


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    with LabeledFile(args.mat) as labeled:
        scene_types = labeled.strings('sceneTypes')
        splits = read_splits(args.splits, len(labeled))
    parts = {
        part: [
            LabeledPair(int(index), part, scene_types[index], f'.{args.image_format}')
            for index in splits[part][: args.limit]
        ]
        for part in LISTS
    }
    options = dict(refill=args.refill, image_format=args.image_format, bts_frame=args.bts_frame)
    record = Record(args.out, 'nyu_labeled', options)
    record.check_texts(LISTS.values())
    record.claim(
        {
            name: f'image {pair.index + 1}'
            for pairs in parts.values()
            for pair in pairs
            for name in (pair.color, pair.depth)
        }
    )
    lists, status = {}, 0
    for part, pairs in parts.items():
        function = partial(convert, args.mat, args.out, args.refill, args.bts_frame)
        outcomes = parallel_map(function, pairs, args.workers, part)
        good = [pair for pair, outcome in zip(pairs, outcomes, strict=True) if outcome.stats]
        lists[LISTS[part]] = list_text((pair.color, pair.depth, FOCAL_LENGTH) for pair in good)
        print(summarise(part, outcomes))
        status |= len(good) < len(pairs)
    if args.limit:
        keep_longer_lists(args.out, lists)
    record.write_texts(lists)
    return int(status)


if __name__ == '__main__':
    run(main)
