"""Publish a checkpoint: one safetensors file with config, licence, metrics and provenance.

It holds no pickle. `--card` writes the page that goes with it, `--push` puts both on the hub.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.apis.hub import push_to_hub
from depthdecomp_mm.apis.model_card import model_card
from depthdecomp_mm.apis.publishing import publish
from depthdecomp_mm.command_line import output_file, run
from depthdecomp_mm.files import keep_inputs, write_bytes
from depthdecomp_mm.reporting.results import read_numbers
from depthdecomp_mm.safetensors_file import SUFFIX


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint', help='checkpoint file, which stays as it is')
    parser.add_argument('--out', type=output_file, required=True, help=f'file, {SUFFIX}')
    parser.add_argument('--config', help="config file (default: the checkpoint's own)")
    parser.add_argument('--phase', help='publish the network of this phase (default: the last)')
    parser.add_argument('--half', action='store_true', help='store weights in half precision')
    parser.add_argument('--licence', help='licence of the weights, such as CC-BY-4.0')
    parser.add_argument(
        '--metrics', type=Path, nargs='+', default=[], metavar='FILE',
        help='.json or .yaml files of depthdecomp test --out, whose names say what was measured; '
        'the last is of the weights as they are stored',
    )  # fmt: skip
    parser.add_argument('--training-data', metavar='WORDS', help='the training data in words')
    parser.add_argument('--test-data', metavar='WORDS', help='likewise of the metrics')
    parser.add_argument(
        '--parents', nargs='+', default=[], metavar='WORDS',
        help='weights that the training began with, where the config does not tell',
    )  # fmt: skip
    parser.add_argument('--card', type=output_file, metavar='FILE', help='write the model card')
    parser.add_argument('--push', metavar='OWNER/NAME', help='put file and card on the hub')
    parser.add_argument('--private', action='store_true', help='make the repository private')
    args = parser.parse_args(argv)
    if args.out.suffix != SUFFIX:
        parser.error(f'--out must end in {SUFFIX}, but found {args.out}')
    return args


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    outputs = [path for path in (args.out, args.card) if path]
    keep_inputs(outputs, [path for path in (args.checkpoint, args.config, *args.metrics) if path])
    meta = publish(
        args.checkpoint,
        args.out,
        config=args.config,
        phase=args.phase,
        half=args.half,
        licence=args.licence,
        metrics={path.stem: read_numbers(path)[0] for path in args.metrics},
        training_data=args.training_data,
        test_data=args.test_data,
        parents=args.parents,
    )
    size = args.out.stat().st_size / 1e6
    print(f'{args.out}: {size:.1f} MB, licence {args.licence or "unknown"}')
    for data in meta['provenance']['training_data']:
        if 'images' not in data:
            print(f'{data["type"]}: its files are not here, so that no digest says which')
    if args.card:
        write_bytes(args.card, model_card(meta, args.push or args.out.name).encode())
    if args.push:
        print(push_to_hub(args.out, args.push, args.private))


if __name__ == '__main__':
    run(main)
