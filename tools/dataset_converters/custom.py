"""Images and depth maps of your own camera to a training list, a test list and a config.

The files stay where they are. They are paired by their names, with templates

    custom.py ROOT --color 'color/{id}.jpg' --depth 'depth/{id}.png' --depth-scale 1000

where {id} (or {scene}, ...) stands for what the two have in common and * for anything else, or by a
list of lines ``rgb depth`` relative to ROOT (--list; tabs between them where names hold spaces).
Every pair is read and checked. ``train.txt``, ``test.txt``, ``config.py`` and ``config_hrwsi.py``
(half of each batch from --relative) go to --out.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.command_line import positive_float
from depthdecomp_mm.config_names import PREFIX
from depthdecomp_mm.converter_command_line import add_common_arguments, run
from depthdecomp_mm.datasets.converters.custom import (
    MIXED_CONFIG,
    config_text,
    find_files,
    read_test_list,
    recording_order,
    split_pairs,
)
from depthdecomp_mm.datasets.converters.indexing import (
    Part,
    match_files,
    report,
    sample_lists,
)
from depthdecomp_mm.datasets.converters.inspection import Outcome, check_scale, inspect_pair
from depthdecomp_mm.datasets.converters.lists import keep_longer_lists
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.datasets.converters.running import parallel_map
from depthdecomp_mm.datasets.pairing import parse_line, parse_lines
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.files import keep_inputs

WRITTEN = ('train.txt', 'test.txt', 'config.py', 'config_hrwsi.py')


def find_pairs(args: Namespace) -> tuple[list[dict], list[str]]:
    """Image and depth path of every pair, and why others are missing."""
    if args.list is None:
        files = {kind: find_files(args.root, getattr(args, kind)) for kind in ('color', 'depth')}
        complete, problems = match_files(dict.fromkeys(files, args.root), files)
        complete.sort(key=lambda pair: recording_order(pair['color']))
    else:
        rows = parse_lines(str(args.list), parse_line)
        complete = [
            dict(color=args.root / color, depth=args.root / depth, focal=focal)
            for color, depth, focal in rows
            if depth
        ]
        problems = [f'{args.list}: {color} has no depth' for color, depth, _ in rows if not depth]
    pairs = [
        dict(
            img_path=str(pair['color']), depth_map_path=str(pair['depth']), focal=pair.get('focal')
        )
        for pair in complete
    ]
    return pairs[: args.limit], problems


def image_names(pairs: list[dict], root: Path) -> list[str]:
    """The images' paths as a test list spells them."""
    return [Path(os.path.relpath(pair['img_path'], root)).as_posix() for pair in pairs]


def read_pairs(
    args: Namespace, pairs: list[dict], problems: list[str]
) -> tuple[list[dict], list[Outcome]]:
    """The readable ones of the pairs, and the outcomes of all."""
    samples = [dict(pair, depth_scale=args.depth_scale) for pair in pairs]
    outcomes = parallel_map(inspect_pair, samples, args.workers, 'pairs')
    good = [sample for sample, outcome in zip(samples, outcomes, strict=True) if outcome.stats]
    outcomes += [Outcome(problem=problem) for problem in problems]
    if not good:
        reason = outcomes[0].problem if outcomes else 'none was found'
        raise SampleError(f'{args.root}: no pair is usable, expected at least two: {reason}')
    if not args.any_scale:
        example = good[0]['depth_map_path']
        check_scale(outcomes, args.depth_scale, example, args.max_depth)
    return good, outcomes


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('root', type=Path, help='folder that holds the files')
    parser.add_argument('--color', default='color/{id}.*', help='template; default: %(default)s')
    parser.add_argument('--depth', default='depth/{id}.*', help='template; default: %(default)s')
    parser.add_argument('--list', type=Path, help="lines 'rgb depth', in place of the templates")
    parser.add_argument(
        '--depth-scale',
        type=positive_float,
        required=True,
        help='stored units per metre: 1000 for mm',
    )
    parser.add_argument(
        '--max-depth', type=positive_float, default=10.0, help='metres; default: 10'
    )
    parser.add_argument(
        '--any-scale', action='store_true', help='accept a median depth implausible for rooms'
    )
    parser.add_argument(
        '--relative',
        type=Path,
        default='data/hrwsi',
        help='HR-WSI, or a set in its layout; default: %(default)s',
    )
    parser.add_argument(
        '--light', action='store_true', help='a small network at 96 x 128, which a CPU can train'
    )
    test = parser.add_mutually_exclusive_group()
    test.add_argument(
        '--test-fraction', type=float, default=0.1, help='the last of the pairs; default: 0.1'
    )
    test.add_argument('--test-list', type=Path, help='image paths, relative to ROOT, to test on')
    add_common_arguments(parser, 'folder for lists and config; default: ROOT', out_required=False)
    args = parser.parse_args(argv)
    if not 0 < args.test_fraction < 1:
        parser.error(f'--test-fraction: expected 0 to 1, found {args.test_fraction}')
    return args


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    out = args.out or args.root
    keep_inputs([out / name for name in WRITTEN], filter(None, (args.list, args.test_list)))
    record = Record(out, 'custom')
    record.check_texts(WRITTEN)
    pairs, problems = find_pairs(args)
    sample_lists({'all': pairs}, out)  # refuses what no list can hold
    listed = args.test_list and read_test_list(args.test_list, image_names(pairs, args.root))
    good, outcomes = read_pairs(args, pairs, problems)
    split = split_pairs(good, image_names(good, args.root), args.test_fraction, listed)
    lists = sample_lists(split, out)
    if args.limit:
        keep_longer_lists(out, lists)
    parent = f'{PREFIX}depthdecomp/custom{"_light" * args.light}.py'
    settings = (out.resolve(), args.depth_scale, args.max_depth, args.relative.resolve())
    configs = {'config.py': config_text(parent, *settings), 'config_hrwsi.py': MIXED_CONFIG}
    record.write_texts(lists | configs)
    status = report([Part('all', good, outcomes=outcomes)])
    print(
        f'{len(split["train"])} to train on, {len(split["test"])} to test on; '
        f'config: {out / "config.py"}'
    )
    return status


if __name__ == '__main__':
    run(main)
