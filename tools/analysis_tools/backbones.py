"""Compare encoders: parameters, multiply-adds and latency relative to the first config, in one run.

    backbones.py [CONFIG ...] [--size 384 512] [--runs 15] [--device cpu] [--threads 1]

By default the paper's EfficientNet-B5 and the shipped backbones over it. Weights are random.
Multiply-adds are MMEngine's count for one image, with fused attention added. The models take turns,
a pass of each a round, so that other load falls on all of them alike; the latency is the median
over rounds of a model's time divided by that of the first model in the same round.
"""

from __future__ import annotations

import logging
import math
import statistics
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

import torch
from mmengine.analysis import FlopAnalyzer
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from depthdecomp_mm.config_names import config_folder, find_config
from depthdecomp_mm.engine.launch import last_phase
from depthdecomp_mm.registry import MODELS

HEADER = ('config', 'params (M)', 'encoder (M)', 'mult-adds (G)', 'ms', 'relative')


def build(path: str) -> nn.Module:
    """The network of a config's last phase, with random weights."""
    cfg = last_phase(Config.fromfile(path))
    init_default_scope(cfg.default_scope)
    return MODELS.build(cfg.model).eval()


def millions(module: nn.Module) -> float:
    """Parameters, in millions."""
    return sum(p.numel() for p in module.parameters()) / 1e6


def giga_multiply_adds(model: nn.Module, image: Tensor) -> float:
    """Multiply-adds of one forward pass of all branches, in 1e9."""
    analyzer = FlopAnalyzer(model, (image,)).unsupported_ops_warnings(False)
    analyzer.set_op_handle('aten::scaled_dot_product_attention', _attention_multiply_adds)
    return analyzer.total() / 1e9


def _attention_multiply_adds(inputs: list, outputs: list) -> int:
    """Those of fused attention, which MMEngine leaves out: queries by keys, and by values."""
    query, key = (x.type().sizes() for x in inputs[:2])
    return 2 * math.prod(query) * key[-2]


@torch.inference_mode()
def seconds(model: nn.Module, image: Tensor) -> float:
    """Wall-clock time of one forward pass that gives the metric map."""
    start = time.perf_counter()
    model.raw_outputs(image, ['metric'])
    if image.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def compare(models: dict[str, nn.Module], image: Tensor, runs: int) -> list[tuple]:
    """A row for each model: what :data:`HEADER` names."""
    rounds: list[list[float]] = []
    for index in range(runs + 1):
        times = [seconds(model, image) for model in models.values()]
        if index:  # the first round warms up
            rounds.append(times)
    rows = []
    for i, (name, model) in enumerate(models.items()):
        ratio = statistics.median(times[i] / times[0] for times in rounds)
        milliseconds = 1e3 * statistics.median(times[i] for times in rounds)
        counts = millions(model), millions(model.encoder), giga_multiply_adds(model, image)
        rows.append((name, *counts, milliseconds, ratio))
    return rows


def table(rows: list[tuple]) -> str:
    """The rows in Markdown."""
    lines = ['| ' + ' | '.join(HEADER) + ' |', '| --- ' * len(HEADER) + '|']
    for name, params, encoder, multiply_adds, milliseconds, ratio in rows:
        lines.append(
            f'| `{name}` | {params:.1f} | {encoder:.1f} | {multiply_adds:.1f} | '
            f'{milliseconds:.0f} | {ratio:.2f} |'
        )
    return '\n'.join(lines)


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('configs', nargs='*', help='config files or names; the first is the scale')
    parser.add_argument('--size', nargs=2, type=int, default=(384, 512), metavar=('H', 'W'))
    parser.add_argument('--runs', type=int, default=15, help='rounds that count')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--threads', type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    logging.disable(logging.WARNING)
    shipped = sorted((config_folder() / 'depthdecomp' / 'backbones').glob('nyu_51k_*.py'))
    configs = args.configs or ['depthdecomp/nyu_51k.py', *map(str, shipped)]
    models = {Path(c).stem: build(find_config(c)).to(args.device) for c in configs}
    print(table(compare(models, torch.randn(1, 3, *args.size, device=args.device), args.runs)))
    device = (
        torch.cuda.get_device_name() if 'cuda' in args.device else f'{args.threads} CPU thread(s)'
    )
    height, width = args.size
    print(f'\n{args.runs} rounds, 1 x 3 x {height} x {width}, {device}, torch {torch.__version__}')


if __name__ == '__main__':
    main()
