"""Compare encoders: parameters, multiply-adds and latency relative to the first config, in one run.

    backbones.py [CONFIG ...] [--size 384 512] [--runs 15] [--device cpu] [--threads 1]

By default the paper's EfficientNet-B5 and the shipped backbones over it. Weights are random.
Multiply-adds are MMEngine's count for one image, with fused attention added. The models take turns,
a pass of each a round, so that other load falls on all of them alike; the latency is the median
over rounds of a model's time divided by that of the first model in the same round.
"""

from __future__ import annotations

import logging
import statistics
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from depthdecomp_mm.analysis import (
    build_network,
    describe_device,
    giga_multiply_adds,
    millions,
)
from depthdecomp_mm.command_line import device, positive_int, run
from depthdecomp_mm.config_names import config_folder

sys.path.insert(0, str(Path(__file__).resolve().parent))

from benchmarks.timing import take_turns  # noqa: E402

HEADER = ('config', 'params (M)', 'encoder (M)', 'mult-adds (G)', 'ms', 'relative')


@torch.inference_mode()
def compare(models: dict[str, nn.Module], image: Tensor, runs: int) -> list[tuple]:
    """A row for each model: what :data:`HEADER` names."""
    calls = {name: partial(m.raw_outputs, image, ['metric']) for name, m in models.items()}
    seen = take_turns(calls, runs, device=str(image.device))
    first = next(iter(seen.values())).seconds
    rows = []
    for name, model in models.items():
        ratio = statistics.median(t / f for t, f in zip(seen[name].seconds, first, strict=True))
        milliseconds = 1e3 * statistics.median(seen[name].seconds)
        counts = millions(model), millions(model.encoder), giga_multiply_adds(model, image)
        rows.append((name, *counts, milliseconds, ratio))
    return rows


def names(configs: list[str]) -> list[str]:
    """File names, of configs that share one their paths."""
    stems = Counter(Path(config).stem for config in configs)
    return [Path(c).stem if stems[Path(c).stem] == 1 else c for c in configs]


def table(rows: list[tuple]) -> str:
    """The rows in Markdown."""
    lines = ['| ' + ' | '.join(HEADER) + ' |', '| --- ' * len(HEADER) + '|']
    for name, params, encoder, multiply_adds, milliseconds, ratio in rows:
        lines.append(
            f'| `{name}` | {params:.1f} | {encoder:.1f} | {multiply_adds:.1f} | '
            f'{milliseconds:.0f} | {ratio:.2f} |'
        )
    return '\n'.join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('configs', nargs='*', help='config files or names; the first is the scale')
    parser.add_argument(
        '--size', nargs=2, type=positive_int, default=(384, 512), metavar=('H', 'W')
    )
    parser.add_argument('--runs', type=positive_int, default=15, help='rounds that count')
    parser.add_argument('--device', type=device, default='cpu')
    parser.add_argument('--threads', type=positive_int, default=torch.get_num_threads())
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    shipped = sorted((config_folder() / 'depthdecomp' / 'backbones').glob('nyu_51k_*.py'))
    configs = list(dict.fromkeys(args.configs)) or ['depthdecomp/nyu_51k.py', *map(str, shipped)]
    models = {
        name: build_network(c).to(args.device)
        for name, c in zip(names(configs), configs, strict=True)
    }
    print(table(compare(models, torch.randn(1, 3, *args.size, device=args.device), args.runs)))
    height, width = args.size
    print(f'\n{args.runs} rounds, 1 x 3 x {height} x {width}, {describe_device(args.device)}')


if __name__ == '__main__':
    logging.disable(logging.WARNING)  # what building a model tells
    run(main)
