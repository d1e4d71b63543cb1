"""Where weights come from, as far as their checkpoint and its config tell."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from depthdecomp_mm.datasets.walking import leaf_configs
from depthdecomp_mm.engine.fetching import local_copy
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.files import digest_of
from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.version import __version__

from .carried_config import carried_settings
from .checkpoint_contents import meta_of

PLACES = ('type', 'data_root', 'ann_file', 'data_prefix', 'split', 'indices')
"""Arguments of a data set that say which files it has."""
STARTS = ('checkpoint_path', 'pretrained')


def provenance(checkpoint: dict, path: str) -> dict:
    """What can be told of how weights came to be, without paths of the machine.

    Args:
        checkpoint: The checkpoint that training wrote.
        path: Its file or address.

    Returns:
        Plain values: ``checkpoint`` and ``config``, SHA-256 of both; ``epoch``, ``iter``, ``seed``
        and ``time`` of the training; ``training_data`` and ``test_data`` as
        :func:`describe_data` gives them; ``parents``, the weights that training began with;
        ``versions``.
    """
    meta = meta_of(checkpoint)
    told = {key: meta[key] for key in ('epoch', 'iter', 'seed', 'time') if key in meta}
    settings = carried_settings(checkpoint, path) if meta.get('cfg') else {}
    versions = dict(depthdecomp_mm=__version__, torch=torch.__version__)
    if 'mmengine_version' in meta:
        versions['mmengine'] = str(meta['mmengine_version'])
    with local_copy(path) as file:
        digest = digest_of(file)
    return dict(
        told,
        checkpoint=digest,
        config=hashlib.sha256(str(meta.get('cfg', '')).encode()).hexdigest(),
        training_data=describe_data(settings, 'train_dataloader'),
        test_data=describe_data(settings, 'test_dataloader'),
        parents=list(_parents(settings)),
        versions=versions,
    )


def describe_data(settings: Mapping, loader: str) -> list[dict]:
    """The data sets of a data loader, which may be as anyone wrote them.

    Args:
        settings: Those of a config.
        loader: Key of the loader.

    Returns:
        ``type`` each; of ours also ``images`` (their number) and ``sha256`` (of the
        names and sizes of its files), if the files are on this machine.
    """
    section = settings.get(loader)
    dataset = section.get('dataset') if isinstance(section, dict) else None
    configs = [config for config, _ in leaf_configs(dataset)] if isinstance(dataset, dict) else []
    return [_describe(config) for config in configs]


def _describe(config: dict) -> dict:
    name = str(config.get('type')).rpartition('.')[2]
    DATASETS.import_from_location()
    if name not in DATASETS.module_dict:
        return dict(type=name)
    places = {key: config[key] for key in PLACES if key in config}
    try:
        found = DATASETS.build(dict(places, type=name, lazy_init=True, pipeline=[]))
        files = found.load_data_list()
    except (OSError, UserError, TypeError):  # not on this machine, or settings of any kind
        return dict(type=name)
    return dict(type=name, images=len(files), sha256=_digest_of_files(files, found.data_root))


def _digest_of_files(infos: list[dict], root: str) -> str:
    digest = hashlib.sha256()
    for info in infos:
        for key, path in info.items():
            if key.endswith('_path') and path and os.path.isfile(path):
                digest.update(f'{os.path.relpath(path, root)} {os.path.getsize(path)}\n'.encode())
    return digest.hexdigest()


def _parents(settings: Mapping) -> Iterator[str]:
    model = settings.get('model')
    encoder: Any = model.get('encoder') if isinstance(model, dict) else None
    for key in STARTS if isinstance(encoder, dict) else ():
        value = encoder.get(key)
        if isinstance(value, dict):  # by the name of the network
            value = value.get(encoder.get('model_name'))
        if value:
            named = value if isinstance(value, str) else encoder.get('model_name')
            yield f'encoder: {_without_folders(str(named))}'
    if settings.get('load_from'):
        yield _without_folders(str(settings['load_from']))


def _without_folders(path: str) -> str:
    """A path's last two parts; addresses are left as they are."""
    return path if '://' in path else '/'.join(Path(path).parts[-2:])
