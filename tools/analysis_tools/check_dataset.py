"""Read every pair of a config's training, validation and test sets, and tell what is wrong.

Errors: files that are missing, unreadable or do not fit each other, an implausible depth scale
(with the one that would mend it), images that are trained and tested on. Exit status: 0, 1 if there
are errors, 2 if the check cannot be done.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence

import numpy as np
from mmengine.registry import init_default_scope

from depthdecomp_mm.command_line import add_config_options, add_workers, positive_int
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.converter_command_line import run
from depthdecomp_mm.datasets.checking import CheckedSet, check_datasets, learning
from depthdecomp_mm.engine.phases import phase_config

LEVELS = (1, 25, 50, 75, 99)


def describe(checked: CheckedSet, shown: int) -> list[str]:
    """Lines about one data set."""
    relative, unlabelled = (checked.label_type == label for label in ('relative', 'none'))
    good, unit = checked.good, '' if relative else ' m'
    things = (
        'images are good, no labels'
        if unlabelled
        else f'pairs are good, {checked.label_type} labels'
    )
    counts = f'{len(good)} of {len(checked.infos)} {things}'
    lines = [f'{" and ".join(checked.parts)}: {checked.type}, {counts}']
    if good and not unlabelled:
        low, high = min(o.stats.smallest for o in good), max(o.stats.largest for o in good)
        quantiles = np.percentile(np.concatenate([o.quantiles for o in good]), LEVELS)
        shares = [100 * outcome.stats.valid_share * outcome.used_share for outcome in good]
        beyond = 100 * (1 - np.mean([outcome.used_share for outcome in good]))
        pairs = 100 * np.mean([outcome.pair_share for outcome in good])
        lines += [
            f'  {"disparity" if relative else "depth"} {low:.3f} to {high:.3f}{unit}; '
            + ', '.join(f'{q} %: {v:.3f}' for q, v in zip(LEVELS, quantiles, strict=True))
            + unit,
            f'  valid pixels {np.mean(shares):.1f} % ({min(shares):.1f} to {max(shares):.1f} % of '
            f'an image); {beyond:.1f} % of the measured ones are out of range',
            f'  measured pairs of neighbours {pairs:.1f} %',
        ]
    if good and 'train' in checked.parts:
        lines.append(f'  {learning(checked)}')
    for kind, messages in (('ERROR', checked.errors), ('WARNING', checked.warnings)):
        lines += [f'  {kind}: {message}' for message in messages[:shown]]
        if len(messages) > shown:
            lines.append(f'  ... and {len(messages) - shown} more (--show {len(messages)})')
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('config', help='path of the config file')
    add_workers(parser)
    parser.add_argument(
        '--show', type=positive_int, default=20, help='messages of a set; default: 20'
    )
    parser.add_argument(
        '--allow-duplicates', action='store_true', help='accept images trained and tested on'
    )
    parser.add_argument('--phase', help='data of this phase of the config; default: the last')
    add_config_options(parser)
    args = parser.parse_args(argv)
    cfg = phase_config(read_config(args.config, args.cfg_options), args.phase)
    init_default_scope(cfg.get('default_scope', 'depthdecomp_mm'))
    sets = check_datasets(cfg, args.workers, args.allow_duplicates)
    for checked in sets:
        print('\n'.join(describe(checked, args.show)))
    errors = sum(len(checked.errors) for checked in sets)
    print(f'{errors} errors, {sum(len(checked.warnings) for checked in sets)} warnings')
    return int(errors > 0)


if __name__ == '__main__':
    run(main)
