"""The config that a checkpoint carries, which anyone may have written.

It is data, never a program: its text is read and not executed, and of what it says only what
predictions need is kept, as long as it is built of parts that are known to do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import Registry

from depthdecomp_mm.engine.carried_settings import read_settings
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import CheckpointError, UserError
from depthdecomp_mm.registry import MODELS, TRANSFORMS, VISUALIZERS

from .checkpoint_contents import meta_of

SCOPE = MODELS.scope
COMMON_PARTS = {
    'model': (
        *('ImgDataPreprocessor', 'Dropout', 'DropPath', 'BN', 'BN2d', 'SyncBN', 'GN', 'LN', 'IN'),
        *('IN2d', 'ReLU', 'LeakyReLU', 'PReLU', 'RReLU', 'ReLU6', 'ELU', 'Sigmoid', 'Tanh', 'SiLU'),
        *('GELU', 'HSigmoid', 'HSwish', 'Swish', 'Clamp', 'Clip'),
    ),
    'transform': ('CenterCrop', 'Normalize', 'Pad'),
    'visualizer': (),
}
"""Parts of MMEngine and mmcv, by registry. Others build whatever an argument names, as ConvModule
does with ``padding_mode`` and RandomResize with ``resize_type``, or read and fetch files."""
SOURCES = (
    *('backend_args', 'cache_dir', 'checkpoint_path', 'file_client_args', 'init_cfg'),
    *('pretrained', 'pretrained_cfg', 'pretrained_cfg_overlay'),
)
"""Arguments that say where weights and files come from: those of training, no longer needed."""


def carried_config(checkpoint: dict, path: str | Path, phase: str | None = None) -> Config:
    """What predictions need of the config in a checkpoint's meta information.

    That is the network, the test pipeline, the colours of panels, ``fuse_conv_bn`` and ``compile``.
    Names are those of this package's registries, in which users can register parts of their own,
    and a few layers and transforms of MMEngine and mmcv; nothing is imported to find them. Where
    weights and files came from while training is left out.

    Args:
        checkpoint: The checkpoint.
        path: Its file, for messages.
        phase: Phase, if the config has any; see :func:`phase_config`.

    Raises:
        CheckpointError: If it has no config, or one with anything else in it.
        ConfigError: If there is no such phase.
    """
    settings = carried_settings(checkpoint, path)
    with _refusal(path):
        return Config(_needed(phase_config(Config(settings), phase).to_dict()))


def carried_settings(checkpoint: dict, path: str | Path) -> dict:
    """All settings of the config in a checkpoint's meta information, as data of any kind.

    Args:
        checkpoint: The checkpoint.
        path: Its file, for messages.

    Raises:
        CheckpointError: If it has no config, or one with anything but settings in it.
    """
    with _refusal(path):
        return read_settings(_text(checkpoint, path))


@contextmanager
def _refusal(path: str | Path) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # a text of any kind raises whatever it runs into
        reason = str(error) or type(error).__name__
        raise CheckpointError(
            f'{path}: its config (meta.cfg) is refused: {reason}. If you trust it, give the config '
            'itself'
        ) from error


def _text(checkpoint: dict, path: str | Path) -> str:
    text = meta_of(checkpoint).get('cfg')
    if not text:
        raise CheckpointError(f'{path}: carries no config (meta.cfg); give one')
    return text


def _needed(cfg: dict) -> dict:
    """What predictions need of a config, made of known parts."""
    kept: dict[str, Any] = dict(default_scope=SCOPE, fuse_conv_bn=bool(cfg.get('fuse_conv_bn')))
    kept['model'] = _known(_section(cfg, 'model'), MODELS, 'model')
    kept |= test_settings(cfg)
    how = cfg.get('compile')  # the compiler's own options name programs to run
    known = isinstance(how, dict)
    kept['compile'] = _only(how, ('mode', 'dynamic', 'fullgraph')) if known else bool(how)
    return kept


def test_settings(cfg: dict) -> dict:
    """Test pipeline and colours of panels of a config, made of known parts.

    Raises:
        ValueError: If there is anything else in them.
    """
    kept: dict[str, Any] = {}
    if 'test_dataloader' in cfg:
        steps = _section(_section(_section(cfg, 'test_dataloader'), 'dataset'), 'pipeline', list)
        steps = _known(steps, TRANSFORMS, 'test_dataloader.dataset.pipeline')
        kept['test_dataloader'] = dict(dataset=dict(pipeline=steps))
    if cfg.get('visualizer'):
        colours = _only(_section(cfg, 'visualizer'), ('type', '_scope_', 'cmap', 'error_cmap'))
        kept['visualizer'] = _known(colours, VISUALIZERS, 'visualizer')
    return kept


def _section(config: dict, key: str, kind: type = dict) -> Any:
    found = config.get(key)
    if not isinstance(found, kind):
        raise ValueError(f'{key} is {type(found).__name__}, expected {kind.__name__}')
    return found


def _only(config: dict, keys: tuple[str, ...]) -> dict:
    return {key: config[key] for key in keys if key in config}


def _known(config: Any, registry: Registry, where: str) -> Any:
    """A copy whose components have the bare names of known parts, for our scope."""
    if isinstance(config, (list, tuple)):
        return type(config)(_known(c, registry, f'{where}.{i}') for i, c in enumerate(config))
    if not isinstance(config, dict):
        return config
    if config.get('_scope_', SCOPE) != SCOPE:
        raise ValueError(f'{where}._scope_={config["_scope_"]!r}, expected {SCOPE!r}')
    kept = {
        key: _known(value, registry, f'{where}.{key}')
        for key, value in config.items()
        if key not in ('_scope_', *SOURCES)
    }
    if 'type' in config:
        kept['type'] = _known_name(config['type'], registry, f'{where}.type')
    return kept


def _known_name(name: Any, registry: Registry, where: str) -> str:
    """The bare name of a known part; ``package.module.Name`` is that of the package's own."""
    registry.import_from_location()
    *package, bare = str(name).split('.')
    part = registry.module_dict.get(bare)
    if part is None and bare in COMMON_PARTS[registry.name]:
        part = registry.parent.module_dict.get(bare)
    if part is None or (package and package[0] not in (SCOPE, part.__module__.split('.')[0])):
        raise ValueError(f'{where}={name!r} is none of the parts that a checkpoint may name')
    return bare
