"""One file of weights that says what it is, from the checkpoint of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from torch import Tensor

from depthdecomp_mm.calibration import KEY as CALIBRATION
from depthdecomp_mm.engine.checkpoint import read_checkpoint, state_dict_of
from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.files import keep_inputs

from .carried_config import carried_config
from .checkpoint_contents import meta_of, write_checkpoint
from .init_model import init_model
from .provenance import provenance

KEPT = ('config_name', 'dataset_meta', CALIBRATION)
"""Meta information of a checkpoint that predictions need, or a reader."""


def publish(
    checkpoint: str | Path,
    out: str | Path,
    config: str | Path | Config | None = None,
    phase: str | None = None,
    half: bool = False,
    licence: str | None = None,
    metrics: Mapping[str, Mapping[str, float]] | None = None,
    training_data: str | None = None,
    test_data: str | None = None,
    parents: Sequence[str] = (),
) -> dict:
    """Write the weights of a checkpoint with what one needs to use and to judge them, no more.

    The config in it is what predictions need, without paths of the machine. Optimiser, schedules
    and log of the training are left out.

    Args:
        checkpoint: File or address of the checkpoint, which stays as it is.
        out: File to write, ``.safetensors``, whole or not at all.
        config: Config of the network; by default the checkpoint's own.
        phase: Phase of the config, as of :func:`init_model`.
        half: Whether to store weights in half precision; see :func:`halved`.
        licence: Licence of the weights, by its SPDX name.
        metrics: Metrics by name, by how they were measured; the last are those of the file.
        training_data: The training data in words.
        test_data: Likewise what the metrics were measured on.
        parents: Weights that the training began with, which the config does not tell.

    Returns:
        The meta information of the file.

    Raises:
        CheckpointError: If the weights are not exactly those of the network, or too large for half
            precision, or a reader of the file would refuse its config.
        UserError: If the file is the checkpoint.
    """
    keep_inputs([out], [checkpoint])
    loaded = read_checkpoint(str(checkpoint))
    model = init_model(config, checkpoint, phase=phase)
    carried = carried_config(dict(meta=dict(cfg=model.cfg.pretty_text)), checkpoint)
    meta = {key: value for key, value in meta_of(loaded).items() if key in KEPT}
    meta['cfg'] = carried.pretty_text
    meta['provenance'] = provenance(loaded, str(checkpoint))
    meta['provenance']['parents'] += parents
    given = dict(licence=licence, metrics=metrics, training_data=training_data, test_data=test_data)
    meta |= {key: value for key, value in given.items() if value}
    state = state_dict_of(loaded, checkpoint)
    write_checkpoint(out, halved(state, checkpoint) if half else state, meta)
    return meta


def halved(state: Mapping[str, Tensor], path: str | Path) -> dict[str, Tensor]:
    """Weights in half precision: those of convolutions and matrices.

    Vectors stay as they are. They are small, and the variances among them may be larger or smaller
    than float16 can tell.

    Args:
        state: The weights.
        path: Their file, for messages.

    Raises:
        CheckpointError: If a weight is too large for float16.
    """
    found = {
        key: value.half() if value.is_floating_point() and value.ndim > 1 else value
        for key, value in state.items()
    }
    for key, value in found.items():
        if value.dtype == torch.float16 and not value.isfinite().all():
            raise CheckpointError(f'{path}: {key} holds values that are too large for float16')
    return found
