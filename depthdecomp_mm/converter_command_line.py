"""What the command lines of the converters share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from . import command_line
from .command_line import add_workers, positive_float, positive_int
from .datasets.converters.custom import read_test_list, split_pairs
from .datasets.converters.indexing import sample_lists
from .datasets.converters.inspection import Outcome
from .datasets.converters.own_pairs import image_names, listed_pairs, pairs_by_name, read_pairs


def add_common_arguments(parser: ArgumentParser, out_help: str, out_required: bool = True) -> None:
    """Add ``--out``, ``--workers`` and ``--limit``."""
    parser.add_argument('--out', type=Path, required=out_required, help=out_help)
    add_workers(parser)
    parser.add_argument(
        '--limit',
        type=positive_int,
        metavar='N',
        help='take the first N pairs of each part, for a trial; replaces no longer list',
    )


def add_pairing_arguments(parser: ArgumentParser) -> None:
    """Add what says which files of a camera of one's own are pairs, and which to test on."""
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
    test = parser.add_mutually_exclusive_group()
    test.add_argument(
        '--test-fraction', type=_fraction, default=0.1, help='the last of the pairs; default: 0.1'
    )
    test.add_argument('--test-list', type=Path, help='image paths, relative to ROOT, to test on')


def _fraction(text: str) -> float:
    number = float(text)
    if not 0 < number < 1:
        raise ArgumentTypeError(f'expected 0 to 1, found {text}')
    return number


def read_split(args: Namespace, out: Path) -> tuple[dict[str, list[dict]], list[Outcome]]:
    """Find, read and divide pairs.

    Args:
        args: What :func:`add_pairing_arguments` and :func:`add_common_arguments` parse.
        out: Folder that lists of them go to.

    Returns:
        The pairs to train on and to test on, by ``'train'`` and ``'test'``; the outcomes of all.

    Raises:
        SampleError: If there are too few, no list can hold their names, or they are implausible.
    """
    if args.list:
        pairs, problems = listed_pairs(args.root, args.list)
    else:
        pairs, problems = pairs_by_name(args.root, args.color, args.depth)
    pairs = pairs[: args.limit]
    sample_lists({'all': pairs}, out)  # refuses what no list can hold
    listed = args.test_list and read_test_list(args.test_list, image_names(pairs, args.root))
    max_depth = None if args.any_scale else args.max_depth
    good, outcomes = read_pairs(
        args.root, pairs, problems, args.depth_scale, max_depth, args.workers
    )
    return split_pairs(good, image_names(good, args.root), args.test_fraction, listed), outcomes


def run(main: Callable[[], int]) -> NoReturn:
    """Run a converter and leave with its exit status: 0 if no pair is missing, 1 if some are.

    See :func:`depthdecomp_mm.command_line.run` for bad input and interruption.
    """
    command_line.run(main, 'the same command continues where this one ended')
