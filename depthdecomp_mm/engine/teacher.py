"""The teacher of a network that learns from one."""

from __future__ import annotations

import copy
from pathlib import Path

from mmengine.logging import print_log
from torch import nn

from depthdecomp_mm.errors import ConfigError, faults_of
from depthdecomp_mm.registry import MODELS

from .checkpoint import read_checkpoint
from .weights import load_weights, weights_of

SOURCES = ('pretrained', 'checkpoint_path', 'init_cfg')
"""Of weights to start from, which a trained network has no use for."""


def check_teacher(model: nn.Module) -> None:
    """Make sure that the teacher's checkpoint of a model, if it is to have one, is there.

    Raises:
        ConfigError: If it is not.
    """
    config = getattr(model, 'teacher_config', None)
    if config is None:
        return
    path = str(config['checkpoint'])
    if not path or ('://' not in path and not Path(path).expanduser().is_file()):
        raise ConfigError(
            f'model.teacher.checkpoint: found {path!r}, expected the checkpoint of a trained '
            'network, of the config model.teacher.model'
        )


def give_teacher(model: nn.Module) -> None:
    """Load the teacher that a :class:`~depthdecomp_mm.models.DistilledDecomposer` states.

    Other models stay as they are.

    Raises:
        ConfigError: If its checkpoint is not there, or its maps mean something else.
        CheckpointError: If the checkpoint is not of the network.
    """
    check_teacher(model)
    config = getattr(model, 'teacher_config', None)
    if config is None:
        return
    network, path = copy.deepcopy(config['model']), str(config['checkpoint'])
    for part in (network['encoder'], network['encoder'].get('backbone', {})):
        for key in SOURCES:
            part.pop(key, None)
    with faults_of('model.teacher'):
        teacher = MODELS.build(network)
        load_weights(teacher, weights_of(read_checkpoint(path), path), path, strict=True)
        model.set_teacher(teacher)
    print_log(f'The teacher is that of {path}', logger='current')
