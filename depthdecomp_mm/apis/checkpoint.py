"""The weights and the config that a checkpoint carries, and checkpoints of our own."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor

from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.version import __version__


def state_dict_of(checkpoint: dict) -> dict[str, Tensor]:
    """The weights of a checkpoint that MMEngine wrote, or of a bare state dict.

    A prefix ``module.`` of distributed wrappers is removed.
    """
    state = checkpoint.get('state_dict', checkpoint)
    return {key.removeprefix('module.'): value for key, value in state.items()}


def meta_of(checkpoint: dict) -> dict:
    """A checkpoint's meta information; empty where it has none."""
    meta = checkpoint.get('meta')
    return meta if isinstance(meta, dict) else {}


def config_of(checkpoint: dict, path: str | Path) -> Config:
    """The config that a checkpoint carries in its meta information, as the text of a Python file.

    The text is read, not executed: it may hold settings alone, as MMEngine writes them.

    Raises:
        CheckpointError: If it has none, or one that holds anything else.
    """
    text = meta_of(checkpoint).get('cfg')
    if not text:
        raise CheckpointError(f'{path}: carries no config (meta.cfg); give one')
    try:
        settings = {}
        for statement in ast.parse(text).body:
            if not isinstance(statement, ast.Assign):
                raise ValueError(f'line {statement.lineno} is no setting')
            (target,) = statement.targets
            settings[target.id] = _setting(statement.value)
    except (SyntaxError, ValueError, AttributeError, TypeError) as error:
        raise CheckpointError(f'{path}: its config (meta.cfg) is refused: {error}') from error
    return Config(settings)


def _setting(node: ast.expr) -> Any:
    """The value of an expression made of literals and ``dict(...)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'dict':
        if node.args or not all(keyword.arg for keyword in node.keywords):
            raise ValueError(f'line {node.lineno}: dict() takes only names here')
        return {keyword.arg: _setting(keyword.value) for keyword in node.keywords}
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {ast.literal_eval(key): _setting(value) for key, value in pairs}
    if isinstance(node, (ast.List, ast.Tuple)):
        values = [_setting(element) for element in node.elts]
        return values if isinstance(node, ast.List) else tuple(values)
    return ast.literal_eval(node)


def write_checkpoint(path: str | Path, state_dict: Mapping[str, Tensor], meta: dict) -> None:
    """Write a checkpoint in MMEngine's format, under a hidden name until it is whole.

    Args:
        path: Target, overwritten if it exists; folders are created.
        state_dict: The weights.
        meta: Meta information; the package's version is added.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'.{path.name}.part')
    meta = dict(meta, depthdecomp_mm_version=__version__)
    try:
        torch.save(dict(meta=meta, state_dict=dict(state_dict)), partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
