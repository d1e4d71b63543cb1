"""Verify the sample set of DIML-Indoor as downloaded and list its pairs.

Reads ``{train,test}/{HR,LR}/<scene>/color/<id>_c.png`` with
``<scene>/depth_filled/<id>_depth_filled.png`` (16-bit millimetres), reports files without partners
and writes ``diml_indoor_train.txt`` and ``diml_indoor_test.txt`` with ``color depth`` a line,
relative to ``--out`` and separated by tabs, since scene names hold spaces.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.converter_command_line import add_common_arguments, run
from depthdecomp_mm.datasets.converters.indexing import Part, index, match_files, report
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.datasets.converters.writing import MILLIMETRES
from depthdecomp_mm.datasets.diml_indoor import sample_key
from depthdecomp_mm.datasets.pairing import scan_folder

PUBLISHED = {'train': 1609, 'test': 503}
KINDS = {'color': '_c.png', 'depth_filled': '_depth_filled.png'}


def find_samples(root: Path, name: str, resolution: str, limit: int | None) -> Part:
    """Pairs of a part at one resolution."""
    folder = root / name / resolution
    files = {
        kind: scan_folder(str(folder), suffix, key=sample_key) for kind, suffix in KINDS.items()
    }
    complete, problems = match_files(dict.fromkeys(KINDS, folder), files)
    samples = [
        dict(
            img_path=str(paths['color']),
            depth_map_path=str(paths['depth_filled']),
            depth_scale=MILLIMETRES,
        )
        for paths in complete
    ]
    return Part(name, samples[:limit], problems)


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('root', type=Path, help='folder that holds train/ and test/')
    parser.add_argument('--resolution', choices=('HR', 'LR'), default='HR')
    parser.add_argument(
        '--partial', action='store_true', help='do not expect the whole set of 1609 and 503'
    )
    add_common_arguments(parser, 'folder for the lists; default: ROOT', out_required=False)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    parts = [find_samples(args.root, name, args.resolution, args.limit) for name in PUBLISHED]
    record = Record(args.out or args.root, 'diml_indoor')
    index(parts, record, 'diml_indoor_', args.workers, trial=args.limit is not None)
    return report(parts, published=None if args.partial or args.limit else PUBLISHED)


if __name__ == '__main__':
    run(main)
