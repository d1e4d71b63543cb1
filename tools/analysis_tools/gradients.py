"""What each loss term teaches each part of a network: the norms of its gradients.

    gradients.py CONFIG CHECKPOINT [--phase phase1] [--batches 8] [--cfg-options KEY=VALUE ...]

Batches are those that training starts with. `with the others` is the cosine between the gradient of
a term and that of all others in the encoder, which they share: below 0 they pull apart.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from itertools import islice

import torch
from mmengine.runner import Runner
from torch import Tensor, nn

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.command_line import add_config_options, positive_int, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.workshop.experiments.tables import plain

PARTS = {
    'encoder': 'encoder',
    'G-Net': 'gradient_decoder',
    'N-Net': 'normalized_decoder',
    'M-Net': 'metric_decoder',
    'MDR': 'metric_decoder.mdr',
}
Gradients = dict[str, dict[str, Tensor]]
"""By loss term and part, all of the part's gradients in one vector."""


def gradients(model: DepthDecomposer, batch: dict) -> tuple[dict[str, float], Gradients]:
    """The value of each loss term for a batch, and its gradients."""
    losses = model(**model.data_preprocessor(batch, True), mode='loss')
    parts = {name: list(part.parameters()) for name, part in parts_of(model).items()}
    flat = [p for parameters in parts.values() for p in parameters]
    found = {}
    for term, loss in losses.items():
        # zeros for what a term does not reach
        grads = iter(torch.autograd.grad(loss, flat, retain_graph=True, materialize_grads=True))
        found[term] = {
            name: torch.cat([grad.flatten() for grad in islice(grads, len(parameters))])
            for name, parameters in parts.items()
        }
    return {term: loss.item() for term, loss in losses.items()}, found


def parts_of(model: DepthDecomposer) -> dict[str, nn.Module]:
    """The parts of the network that are there, by their names in the table."""
    modules = dict(model.named_modules())
    return {name: modules[path] for name, path in PARTS.items() if path in modules}


def numbers(values: dict[str, float], found: Gradients) -> dict[str, list[float]]:
    """The row of each term: its value, a norm for each part, the cosine with the others."""
    total = sum(parts['encoder'] for parts in found.values())
    return {
        term: [
            values[term],
            *(vector.norm().item() for vector in parts.values()),
            torch.cosine_similarity(parts['encoder'], total - parts['encoder'], dim=0).item(),
        ]
        for term, parts in found.items()
    }


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('config', help='path of the config file')
    parser.add_argument('checkpoint', help='checkpoint of the phase')
    parser.add_argument('--phase', help='the last by default')
    parser.add_argument('--batches', type=positive_int, default=8, help='default: 8')
    add_config_options(parser)
    args = parser.parse_args(argv)
    cfg = read_config(args.config, args.cfg_options)
    model = init_model(cfg, args.checkpoint, phase=args.phase)
    loader = Runner.build_dataloader(model.cfg.train_dataloader, seed=0)
    rows = [numbers(*gradients(model, batch)) for batch in islice(loader, args.batches)]
    header = ('loss term', 'value', *parts_of(model), 'with the others')
    means = {term: torch.tensor([row[term] for row in rows]).mean(0) for term in rows[0]}
    print(plain(header, [(term, *(f'{mean:.3f}' for mean in of)) for term, of in means.items()]))


if __name__ == '__main__':
    run(main)
