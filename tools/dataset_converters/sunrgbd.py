"""Verify SUN RGB-D as downloaded and list its split of 5285 training and 5050 test pairs.

Reads ``SUNRGBD/<sensor>/.../<sample>/{image/*.jpg,depth_bfx/*.png}`` below ROOT and the split in
``SUNRGBDtoolbox/traintestSUNRGBD/allsplit.mat``, decodes the depth (millimetres in 16 bits, the
three lowest of them rotated to the top) and writes ``sunrgbd_train.txt`` and ``sunrgbd_test.txt``
with ``image depth`` a line, relative to ``--out``. The files stay as they are: the data set class
decodes them, too.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from depthdecomp_mm.converter_command_line import add_common_arguments, run
from depthdecomp_mm.datasets.converters.indexing import Part, index, report
from depthdecomp_mm.datasets.converters.nyu_labeled import read_mat
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.datasets.converters.writing import MILLIMETRES
from depthdecomp_mm.errors import SampleError

SPLIT = 'SUNRGBDtoolbox/traintestSUNRGBD/allsplit.mat'
SUFFIXES = {'image': ('.jpg', '.png'), 'depth_bfx': ('.png',)}


def read_split(path: Path) -> dict[str, list[str]]:
    """Folders of the samples from ``SUNRGBD`` on, under ``'train'`` and ``'test'``.

    Raises:
        SampleError: If the file is not MATLAB's, or a path in it does not hold ``SUNRGBD/``.
    """
    content = read_mat(path, ('alltrain', 'alltest'))
    return {
        part: [_below_set(path, cell) for cell in content[f'all{part}'].ravel()]
        for part in ('train', 'test')
    }


def _below_set(path: Path, cell: np.ndarray) -> str:
    """The path in a cell without its beginning, which is that of its authors' machine."""
    folder = str(np.asarray(cell).item()) if np.size(cell) == 1 else repr(cell)
    _, found, rest = folder.partition('/SUNRGBD/')
    if not found:
        raise SampleError(f'{path}: found the sample {folder!r}, expected .../SUNRGBD/<sample>')
    return f'SUNRGBD/{rest.strip("/")}'


def find_samples(root: Path, name: str, folders: Sequence[str]) -> Part:
    """Samples of a part that have one image and one depth map."""
    part = Part(name, [])
    for folder in folders:
        try:
            image, depth = (only_file(root / folder / kind, SUFFIXES[kind]) for kind in SUFFIXES)
        except SampleError as error:
            part.problems.append(str(error))
        else:
            part.samples.append(
                dict(
                    img_path=str(image),
                    depth_map_path=str(depth),
                    depth_scale=MILLIMETRES,
                    depth_encoding='sunrgbd',
                )
            )
    return part


def only_file(folder: Path, suffixes: tuple[str, ...]) -> Path:
    """The one file of a folder with one of the suffixes."""
    found = sorted(
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.suffix in suffixes and not path.name.startswith('.')
    )
    if len(found) != 1:
        names = [path.name for path in found]
        raise SampleError(f'{folder}: found {names}, expected one file {" or ".join(suffixes)}')
    return found[0]


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('root', type=Path, help='folder that holds SUNRGBD/ and SUNRGBDtoolbox/')
    parser.add_argument('--split', type=Path, help=f'default: ROOT/{SPLIT}')
    add_common_arguments(parser, 'folder for the lists; default: ROOT', out_required=False)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    split = read_split(args.split or args.root / SPLIT)
    parts = [
        find_samples(args.root, name, folders[: args.limit]) for name, folders in split.items()
    ]
    record = Record(args.out or args.root, 'sunrgbd')
    index(parts, record, 'sunrgbd_', args.workers, trial=args.limit is not None)
    return report(parts)


if __name__ == '__main__':
    run(main)
