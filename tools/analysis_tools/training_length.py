"""Tell how long a config trains: steps, those before the learning rate falls, passes over the data.

    training_length.py CONFIG [CONFIG ...] [--images 795 20378]

`--images` gives the number of training images of each data set in the order of the config, in place
of reading their lists.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.command_line import add_config_options, positive_int, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine import PhasedRunner
from depthdecomp_mm.engine.training_length import data_set_sizes, training_length
from depthdecomp_mm.errors import faults_of
from depthdecomp_mm.workshop.experiments.tables import plain

HEADER = ('config', 'phase', 'steps', 'at the full rate', 'passes over each set')


def rows(name: str, cfg: Config, images: Sequence[int] | None) -> list[tuple[str, ...]]:
    """A row for each phase."""
    init_default_scope(cfg.get('default_scope', 'depthdecomp_mm'))
    cfg.work_dir = 'unused'
    runner = PhasedRunner.from_cfg(cfg)
    found = []
    for index, phase in enumerate(runner.names):
        part = runner.phase_cfg(index)
        length = training_length(part, images or data_set_sizes(part))
        passes = ', '.join(f'{number:.2f}' for number in length.passes)
        found.append((f'`{name}`', phase, f'{length.steps}', f'{length.full_rate_steps}', passes))
    return found


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('config', nargs='+', help='path of a config file')
    parser.add_argument(
        '--images', type=positive_int, nargs='+', metavar='N', help='images of each data set'
    )
    add_config_options(parser)
    args = parser.parse_args(argv)
    found = []
    for path in args.config:
        cfg = read_config(path, args.cfg_options)
        with faults_of(path):
            found += rows(Path(path).stem, cfg, args.images)
    print(plain(HEADER, found))


if __name__ == '__main__':
    run(main)
