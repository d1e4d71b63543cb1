"""Pack data sets of many small files into LMDB databases, one for each data_root.

    to_lmdb.py CONFIG                       what any phase trains, validates or tests on
    to_lmdb.py data/nyu --list train.txt    a list and the files that it names
    to_lmdb.py data/hrwsi                   all files of a folder

``data/nyu`` becomes ``data/nyu.lmdb``, in which each file has its path relative to ``data/nyu`` as
its key. A data set with ``data_root='data/nyu'`` reads it with
``backend_args=dict(backend='lmdb', db_path='data/nyu.lmdb')``. A database is written whole or not
at all; one that is there is left alone.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmengine.registry import init_default_scope

from depthdecomp_mm.command_line import add_config_options, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.datasets.checking import PARTS, datasets_of
from depthdecomp_mm.datasets.converters.packing import files_below, files_of, keys_of, pack
from depthdecomp_mm.engine.phases import phase_config, read_phases
from depthdecomp_mm.errors import ConfigError, OutputError


def configs_of(args: Namespace) -> Iterator[dict]:
    """Configs of the data sets that are asked for."""
    if Path(args.source).is_dir():
        init_default_scope('depthdecomp_mm')
        common = dict(type=args.type, data_root=args.source, depth_scale=1.0)  # of no account here
        yield from (dict(common, ann_file=name) for name in args.list)
        return
    cfg = read_config(args.source, args.cfg_options)
    init_default_scope(cfg.get('default_scope', 'depthdecomp_mm'))
    for phase in read_phases(cfg):
        for part in PARTS:
            yield from datasets_of(phase_config(cfg, phase or None), part)


def find_files(args: Namespace) -> dict[Path, list[str]]:
    """The files to pack, by the folder in whose place their database stands."""
    if Path(args.source).is_dir() and not args.list:
        return {Path(args.source): files_below(Path(args.source))}
    files: dict[Path, list[str]] = {}
    seen = []
    for config in configs_of(args):
        config = {k: v for k, v in config.items() if k not in ('pipeline', 'test_mode')}
        if config not in seen:
            seen.append(config)
            root, paths = files_of(config)
            files.setdefault(Path(root), []).extend(paths)
    if not files:
        raise ConfigError(f'{args.source}: has no data to pack')
    return files


def databases(roots: Sequence[Path], out: Path | None) -> list[Path]:
    """The database of each root, none of which is there."""
    found = [(out or root.parent) / f'{root.absolute().name}.lmdb' for root in roots]
    for root, path in zip(roots, found, strict=True):
        if found.count(path) > 1:
            raise OutputError(f'{path}: {root} is not the only folder of that name; pack one alone')
        if path.exists():
            raise OutputError(f'{path}: is there; remove it, or give another --out')
    return found


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('source', help='a config, or the folder of a data set')
    parser.add_argument(
        '--list',
        nargs='+',
        default=[],
        metavar='FILE',
        help='lists in the folder: only these and what they name are packed',
    )
    parser.add_argument(
        '--type',
        default='CustomDepthDataset',
        help="class that reads the lists, such as NYUDataset for BTS's, whose paths begin with a "
        'slash; default: %(default)s',
    )
    parser.add_argument('--out', type=Path, help='folder of the databases; default: beside each')
    add_config_options(parser)
    args = parser.parse_args(argv)
    if args.list and not Path(args.source).is_dir():
        parser.error(f'--list: expected the folder of the lists, found {args.source}')
    return args


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    found = find_files(args)
    outs = databases(list(found), args.out)
    jobs = [
        (root, out, keys_of(paths, str(root), out))
        for (root, paths), out in zip(found.items(), outs, strict=True)
    ]
    for root, out, files in jobs:
        print(f'{root}: {len(files)} files to {out}')
        size = pack(files, out)
        print(f"{size / 1e9:.3g} GB; backend_args=dict(backend='lmdb', db_path={str(out)!r})")


if __name__ == '__main__':
    run(main, 'no database was left half-written; the same command begins anew')
