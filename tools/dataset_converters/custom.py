"""Images and depth maps of your own camera to a training list, a test list and a config.

The files stay where they are. They are paired by their names, with templates

    custom.py ROOT --color 'color/{id}.jpg' --depth 'depth/{id}.png' --depth-scale 1000

where {id} (or {scene}, ...) stands for what the two have in common and * for anything else, or by a
list of lines ``rgb depth`` relative to ROOT (--list; tabs between them where names hold spaces).
Every pair is read and checked. ``train.txt``, ``test.txt``, ``config.py`` and ``config_hrwsi.py``
(half of each batch from --relative) go to --out.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.config_names import PREFIX
from depthdecomp_mm.converter_command_line import (
    add_common_arguments,
    add_pairing_arguments,
    read_split,
    run,
)
from depthdecomp_mm.datasets.converters.custom import MIXED_CONFIG, config_text
from depthdecomp_mm.datasets.converters.indexing import Part, report, sample_lists
from depthdecomp_mm.datasets.converters.lists import keep_longer_lists
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.files import keep_inputs

WRITTEN = ('train.txt', 'test.txt', 'config.py', 'config_hrwsi.py')


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    add_pairing_arguments(parser)
    parser.add_argument(
        '--relative',
        type=Path,
        default='data/hrwsi',
        help='HR-WSI, or a set in its layout; default: %(default)s',
    )
    parser.add_argument(
        '--light', action='store_true', help='a small network at 96 x 128, which a CPU can train'
    )
    add_common_arguments(parser, 'folder for lists and config; default: ROOT', out_required=False)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    out = args.out or args.root
    keep_inputs([out / name for name in WRITTEN], filter(None, (args.list, args.test_list)))
    record = Record(out, 'custom')
    record.check_texts(WRITTEN)
    split, outcomes = read_split(args, out)
    lists = sample_lists(split, out)
    if args.limit:
        keep_longer_lists(out, lists)
    parent = f'{PREFIX}depthdecomp/custom{"_light" * args.light}.py'
    settings = (out.resolve(), args.depth_scale, args.max_depth, args.relative.resolve())
    configs = {'config.py': config_text(parent, *settings), 'config_hrwsi.py': MIXED_CONFIG}
    record.write_texts(lists | configs)
    status = report([Part('all', split['train'] + split['test'], outcomes=outcomes)])
    print(
        f'{len(split["train"])} to train on, {len(split["test"])} to test on; '
        f'config: {out / "config.py"}'
    )
    return status


if __name__ == '__main__':
    run(main)
