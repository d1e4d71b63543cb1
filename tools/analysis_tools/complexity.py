"""Parameters, multiply-adds and speed of the network and its parts: the paper's Tables 5 and 6.

    complexity.py [CONFIG] [--baseline CONFIG] [--size 384 512] [--rounds 15] [--device cpu]
                  [--threads 1] [--json FILE]

For one image; weights are random. Parts run alone on what the network gives them, and take turns
with the whole, so that other load falls on all alike. Frames per second are the median over rounds,
the quartiles in brackets. Multiply-adds are MMEngine's count, with fused attention added.

*Depth alone* is what is computed unless `test_cfg.outputs` asks for more: M-Net with those blocks
of G- and N-Net that guide it. The parameters of a whole are those that its outputs depend on.
"""

from __future__ import annotations

import copy
import json
import logging
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from depthdecomp_mm.analysis import build_network, describe_device, flop_analyzer, millions
from depthdecomp_mm.command_line import device, output_file, positive_int, run
from depthdecomp_mm.config_names import load_config
from depthdecomp_mm.files import keep_inputs

sys.path.insert(0, str(Path(__file__).resolve().parent))

from benchmarks.timing import spread, take_turns  # noqa: E402

WHOLE, DEPTH, BASELINE = 'whole, all outputs', 'whole, depth alone', 'Baseline'
# part: (millions of parameters, frames per second), the paper's Tables 5 and 6
PAPER = load_config('_base_/paper_figures.py').paper_parts
HEADER = ('', 'params (M)', 'mult-adds (G)', 'frames/s', "paper's params (M)", "paper's frames/s")


@dataclass
class Row:
    """What one part costs; None where it was not measured."""

    name: str
    params: float | None = None
    multiply_adds: float | None = None
    fps: float | None = None
    fps_quartiles: list[float] | None = None


class Outputs(nn.Module):
    """A network that computes what the named outputs need, all by default."""

    def __init__(self, network: nn.Module, names: Sequence[str] | None = None) -> None:
        super().__init__()
        self.network, self.names = network, names

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        return self.network.raw_outputs(image, self.names)

    def used_params(self, image: Tensor) -> float:
        """Millions of parameters that the outputs depend on."""
        params = [p.requires_grad_() for p in self.network.parameters()]
        total = sum(output.sum() for output in self(image).values())
        grads = torch.autograd.grad(total, params, allow_unused=True)
        return sum(p.numel() for p, g in zip(params, grads, strict=True) if g is not None) / 1e6


def parts_of(network: nn.Module) -> dict[str, tuple[str, nn.Module]]:
    """The parts that a network has, as attribute and module, under the paper's names."""
    found = {'encoder': ('encoder', network.encoder)}
    names = dict(gradients='G-Net', normalized='N-Net', metric='M-Net without MDR')
    for output, attribute in network.decoders.items():
        found[names[output]] = (attribute, getattr(network, attribute))
    mdr = getattr(network.metric_decoder, 'mdr', None) if 'metric' in network.decoders else None
    if mdr is not None:
        # the decoder that stays is timed and counted alone: its widths do not change without MDR
        bare = copy.deepcopy(network.metric_decoder)
        bare.mdr = None
        found['M-Net without MDR'] = ('metric_decoder', bare)
        found['MDR block'] = ('metric_decoder.mdr', mdr)
    return found


@torch.inference_mode()
def inputs_of(network: nn.Module, attributes: Sequence[str], image: Tensor) -> dict[str, tuple]:
    """What each of the modules is called with when the network sees ``image``."""
    seen: dict[str, tuple] = {}
    handles = [
        network.get_submodule(name).register_forward_pre_hook(
            lambda _, args, name=name: seen.update({name: args})
        )
        for name in attributes
    ]
    network.raw_outputs(image)
    for handle in handles:
        handle.remove()
    return seen


def measure(
    network: nn.Module, baseline: nn.Module | None, image: Tensor, rounds: int
) -> list[Row]:
    """A row for each part, for the whole in its variants, and for the Baseline."""
    parts = parts_of(network)
    inputs = inputs_of(network, [attribute for attribute, _ in parts.values()], image)
    calls = {name: partial(module, *inputs[at]) for name, (at, module) in parts.items()}
    counts = flop_analyzer(Outputs(network), image).by_module()
    rows = []
    for name, (attribute, module) in parts.items():
        count = counts[f'network.{attribute}']
        if name == 'M-Net without MDR':
            count -= counts.get('network.metric_decoder.mdr', 0)
        rows.append(Row(name, millions(module), count / 1e9))
    wholes = {WHOLE: Outputs(network)}
    if 'metric' in network.decoders and len(network.outputs) > 1:
        wholes[DEPTH] = Outputs(network, ['metric'])
    if baseline is not None:
        wholes[BASELINE] = Outputs(baseline)
    for name, whole in wholes.items():
        total = flop_analyzer(whole, image).total() / 1e9
        rows.append(Row(name, whole.used_params(image[..., :64, :96]), total))
        calls[name] = partial(whole, image)
    with torch.inference_mode():
        seen = take_turns(calls, rounds, device=str(image.device))
    for row in rows:
        row.fps, *row.fps_quartiles = spread([1 / s for s in seen[row.name].seconds])
    return rows


def table(rows: list[Row]) -> str:
    """The rows in Markdown, the paper's figures beside them."""
    lines = ['| ' + ' | '.join(HEADER) + ' |', '| --- ' * len(HEADER) + '|']
    for row in [*rows, Row('Ranftl et al.')]:
        cells = ['-'] * 3
        if row.fps is not None:
            low, high = row.fps_quartiles
            fps = f'{row.fps:.3g} ({low:.3g} - {high:.3g})'
            cells = [f'{row.params:.1f}', f'{row.multiply_adds:.2f}', fps]
        paper = [f'{value:g}' for value in PAPER.get(row.name, ())] or ['-', '-']
        lines.append('| ' + ' | '.join([row.name, *cells, *paper]) + ' |')
    return '\n'.join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('config', nargs='?', default='depthdecomp/nyu_51k.py')
    parser.add_argument('--baseline', default='depthdecomp/nyu_51k_baseline.py',
                        help="config of the paper's Baseline; '' for none")  # fmt: skip
    parser.add_argument(
        '--size', nargs=2, type=positive_int, default=(384, 512), metavar=('H', 'W')
    )
    parser.add_argument('--rounds', type=positive_int, default=15, help='rounds that count')
    parser.add_argument('--device', type=device, default='cpu')
    parser.add_argument('--threads', type=positive_int, default=torch.get_num_threads())
    parser.add_argument('--json', type=output_file, metavar='FILE', help='write the figures there')
    args = parser.parse_args(argv)
    keep_inputs([args.json] if args.json else [], [args.config, args.baseline])
    torch.set_num_threads(args.threads)
    network = build_network(args.config).to(args.device)
    baseline = build_network(args.baseline).to(args.device) if args.baseline else None
    image = torch.randn(1, 3, *args.size, device=args.device)
    rows = measure(network, baseline, image, args.rounds)
    computer = describe_device(args.device)
    print(table(rows))
    print(f'\n{args.rounds} rounds, 1 x 3 x {args.size[0]} x {args.size[1]}, {computer}')
    if args.json:
        result = dict(
            config=args.config,
            baseline=args.baseline,
            size=list(args.size),
            rounds=args.rounds,
            device=computer,
            rows=[asdict(row) for row in rows],
            paper={k: dict(params=p, fps=fps) for k, (p, fps) in PAPER.items()},
        )
        Path(args.json).write_text(json.dumps(result, indent=2) + '\n')


if __name__ == '__main__':
    logging.disable(logging.WARNING)  # what building a model tells
    run(main)
