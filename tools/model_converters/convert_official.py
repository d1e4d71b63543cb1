"""Convert a checkpoint of the authors' release to one of this package.

Which of the released networks it is, is told from its keys. The weights are loaded without
executing anything, every key must find its place, and DST's meta information names the config.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from depthdecomp_mm.apis.checkpoint_contents import check_replaceable_checkpoint, write_checkpoint
from depthdecomp_mm.apis.init_model import find_config
from depthdecomp_mm.command_line import run
from depthdecomp_mm.engine.checkpoint import read_checkpoint, state_dict_of
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.files import keep_inputs
from depthdecomp_mm.models.converters import convert_state_dict, recognise
from depthdecomp_mm.registry import MODELS


def convert(source: Path, target: Path) -> str:
    """Convert a file.

    Returns:
        What was converted, in a sentence.

    Raises:
        CheckpointError: If the source is not exactly a released network; nothing is written.
        OutputError: If the target is there and was not converted.
        UserError: If it is the source.
    """
    keep_inputs([target], [source])
    check_replaceable_checkpoint(target, 'released_network')
    state = state_dict_of(read_checkpoint(str(source)), source, entry='model')
    try:
        release = recognise(state)
        cfg = phase_config(Config.fromfile(find_config(release.config)))
        init_default_scope('depthdecomp_mm')
        with torch.device('meta'):  # names and shapes are enough
            expected = MODELS.build(cfg.model).state_dict()
        converted = convert_state_dict(state, expected)
    except ValueError as error:
        raise CheckpointError(f'{source}: {error}') from error
    meta = dict(config_name=release.config, cfg=cfg.pretty_text, released_network=release.name)
    write_checkpoint(target, converted, meta)
    return f'{source} is {release.name}: {len(converted)} tensors to {target} for {release.config}'


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('source', metavar='SRC', type=Path, help="the authors' checkpoint")
    parser.add_argument('target', metavar='DST', type=Path, help='checkpoint to write')
    args = parser.parse_args(argv)
    print(convert(args.source, args.target))


if __name__ == '__main__':
    run(main)
