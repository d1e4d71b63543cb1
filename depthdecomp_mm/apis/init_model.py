"""From a config and a checkpoint to a model that predicts."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from depthdecomp_mm.calibration import calibration_of
from depthdecomp_mm.config_names import find_config
from depthdecomp_mm.configs import override, read_config
from depthdecomp_mm.engine.acceleration import prepare_for_prediction
from depthdecomp_mm.engine.carried_settings import other_network
from depthdecomp_mm.engine.checkpoint import read_checkpoint, state_dict_of
from depthdecomp_mm.engine.phases import phase_config, read_phases
from depthdecomp_mm.errors import CheckpointError, ConfigError, faults_of
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.registry import FUNCTIONS, MODELS
from depthdecomp_mm.state_dict import describe_mismatch

from .carried_config import carried_config
from .checkpoint_contents import meta_of


@FUNCTIONS.register_module()
def init_model(
    config: str | Path | Config | None = None,
    checkpoint: str | Path | None = None,
    device: str | torch.device = 'cpu',
    phase: str | None = None,
    cfg_options: dict | None = None,
    fuse_conv_bn: bool = False,
) -> DepthDecomposer:
    """Build a model, load its weights strictly, and set it to evaluation.

    Args:
        config: Config or its file, which may also be the name of a shipped one, as
            ``'depthdecomp_mm::depthdecomp/nyu_51k.py'``. By default the config that the checkpoint
            carries, as far as :func:`carried_config` lets it.
        checkpoint: Checkpoint file, or an address that
            :func:`~depthdecomp_mm.engine.fetching.local_copy` takes; nothing in it is executed.
            Without one the weights are random.
        device: Device of the model.
        phase: Build the network of this phase of the config, by default the last. A checkpoint of
            phase 1 needs ``'phase1'``.
        cfg_options: Settings that override the config's, as ``{'a.b': value}``.
        fuse_conv_bn: Fold BatchNorm into the convolutions before it, which is faster; also as
            ``fuse_conv_bn=True`` in the config. The config's ``compile`` is honoured, too.

    Returns:
        The model; its config is at ``model.cfg``, what the checkpoint says of its training data at
        ``model.dataset_meta``, the calibration that it carries at ``model.calibration``.

    Raises:
        FileNotFoundError: If there is no such config.
        ConfigError: If the config is broken, or no :class:`DepthDecomposer` can be built from it.
        CheckpointError: If the checkpoint cannot be read, or is not exactly of this network.
        ValueError: If neither config nor checkpoint is given.
    """
    loaded = read_checkpoint(str(checkpoint)) if checkpoint is not None else {}
    cfg, phases = _config(config, loaded, checkpoint, phase, cfg_options)
    init_default_scope(cfg.get('default_scope', 'depthdecomp_mm'))
    model = _build(cfg)
    if checkpoint is not None:
        _load_strictly(model, state_dict_of(loaded, checkpoint), f'{checkpoint}', phases)
        if config is not None and (other := other_network(loaded, cfg.model, model)):
            message = f'{checkpoint} was trained otherwise than it is used: {other}'
            warnings.warn(message, stacklevel=2)
    model.cfg = cfg
    dataset_meta = meta_of(loaded).get('dataset_meta')
    model.dataset_meta = dataset_meta if isinstance(dataset_meta, dict) else {}
    model.calibration = calibration_of(loaded, f'{checkpoint}')
    model = model.to(device).eval()
    if fuse_conv_bn:
        cfg.fuse_conv_bn = True
    with faults_of('compile'):
        prepare_for_prediction(model, cfg)
    return model


def _config(
    config: str | Path | Config | None,
    loaded: dict,
    checkpoint: str | Path | None,
    phase: str | None,
    options: dict | None,
) -> tuple[Config, list[str]]:
    """The config of the phase, and the names of all phases."""
    if config is None and checkpoint is None:
        raise ValueError('init_model needs a config, or a checkpoint that carries one')
    if config is None:
        return override(carried_config(loaded, checkpoint, phase), options), []
    if isinstance(config, (str, Path)):
        cfg = read_config(find_config(config))
    else:
        cfg = copy.deepcopy(config)
    return phase_config(cfg, phase, options), list(read_phases(cfg))


def _build(cfg: Config) -> DepthDecomposer:
    with faults_of('model'):
        if cfg.model.encoder.get('pretrained'):
            cfg.model.encoder.pretrained = False
        model = MODELS.build(cfg.model)
    if not isinstance(model, DepthDecomposer):
        raise ConfigError(f'model: found {type(model).__name__}, expected a DepthDecomposer')
    return model


def _load_strictly(model: DepthDecomposer, state: dict, path: str, phases: list[str]) -> None:
    problem = describe_mismatch(
        state, {key: tuple(v.shape) for key, v in model.state_dict().items()}
    )
    if problem:
        hint = f'; of another phase? The config has {phases}' if len(phases) > 1 else ''
        raise CheckpointError(f"{path}: keys are not the model's: {problem}{hint}")
    try:
        model.load_state_dict(state)
    except RuntimeError as error:  # sparse or quantised tensors of the right shapes
        raise CheckpointError(f'{path}: not of this network: {error}') from error
