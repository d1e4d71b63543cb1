"""What the command lines share that predict: options for the network, and how it is made."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from .apis import DepthInferencer
from .command_line import add_config_options, device


def add_network_options(parser: ArgumentParser) -> None:
    """Add ``--config``, ``--phase``, ``--device``, ``--tta`` and ``--cfg-options``."""
    parser.add_argument('--config', help="config file (default: the checkpoint's own)")
    parser.add_argument('--phase', help='use the network of this phase (default: the last)')
    parser.add_argument(
        '--device', type=device, help='such as cpu or cuda:0 (default: a GPU if there is one)'
    )
    parser.add_argument(
        '--tta', action='store_true', default=None, help='average with the mirrored image'
    )
    add_config_options(parser)


def make_inferencer(args: Namespace, **others: Any) -> DepthInferencer:
    """Build the inferencer that ``checkpoint`` and the options ask for.

    Args:
        args: With ``checkpoint`` and the options of :func:`add_network_options`.
        **others: More arguments of :class:`~depthdecomp_mm.apis.DepthInferencer`.
    """
    return DepthInferencer(
        args.config,
        args.checkpoint,
        device=args.device,
        phase=args.phase,
        flip_test=args.tta,
        cfg_options=args.cfg_options,
        **others,
    )
