"""Verify HR-WSI as downloaded and list its samples.

Reads ``{train,val}/{imgs/*.jpg,gts/*.png,valid_masks/*.png}``, reports files without partners and
writes ``hrwsi_train.txt`` and ``hrwsi_val.txt`` with ``image disparity mask`` a line, relative to
``--out``. The data set class reads the three folders; the lists are a record of what was verified.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.converter_command_line import add_common_arguments, run
from depthdecomp_mm.datasets.converters.indexing import Part, index, match_files, report
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.datasets.pairing import scan_folder

PUBLISHED = {'train': 20378, 'val': 400}
KINDS = {'imgs': '.jpg', 'gts': '.png', 'valid_masks': '.png'}


def find_samples(root: Path, name: str, limit: int | None) -> Part:
    """Samples of a part that have an image, a disparity map and a mask."""
    folders = {kind: root / name / kind for kind in KINDS}
    files = {
        kind: scan_folder(str(folders[kind]), suffix, key=str) for kind, suffix in KINDS.items()
    }
    complete, problems = match_files(folders, files)
    samples = [
        dict(
            img_path=str(paths['imgs']),
            depth_map_path=str(paths['gts']),
            valid_mask_path=str(paths['valid_masks']),
            label_type='relative',
        )
        for paths in complete
    ]
    return Part(name, samples[:limit], problems)


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('root', type=Path, help='folder that holds train/ and val/')
    parser.add_argument(
        '--partial', action='store_true', help='do not expect the whole set of 20378 and 400'
    )
    add_common_arguments(parser, 'folder for the lists; default: ROOT', out_required=False)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    # The paper trains on the one part alone; who downloaded only that is told so at most.
    names = [name for name in PUBLISHED if name == 'train' or (args.root / name).is_dir()]
    parts = [find_samples(args.root, name, args.limit) for name in names]
    record = Record(args.out or args.root, 'hrwsi')
    index(parts, record, 'hrwsi_', args.workers, trial=args.limit is not None)
    return report(parts, unit='', published=None if args.partial or args.limit else PUBLISHED)


if __name__ == '__main__':
    run(main)
