"""The settings that a checkpoint carries, beside those that it is used with."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Mapping
from typing import Any

from torch import nn

from depthdecomp_mm.state_dict import name_some

from .origin import NOT_COMPARED, different_keys

FOR_TRAINING = {
    *('losses', 'train_cfg', 'target_resizing', '_scope_', 'grad_checkpointing', 'bn_momentum'),
    *('drop_path_rate', 'drop_rate', 'dropout'),
}
"""Arguments of the network that change no prediction."""


def other_network(checkpoint: Mapping, cfg: Any, model: nn.Module) -> str:
    """What weights do not show: that they were trained as another network than they are used as.

    Args:
        checkpoint: A checkpoint that may carry the config of its training.
        cfg: Config of the network that it is used with; anything else tells nothing.
        model: That network.

    Returns:
        The settings that differ, with both values, in part of a sentence; empty if none does.
    """
    try:
        before = read_settings(checkpoint['meta']['cfg'])['model']
    except Exception:  # it carries none, or any other text
        return ''
    if not (isinstance(before, dict) and isinstance(cfg, dict)):
        return ''
    defaults = {k: p.default for k, p in inspect.signature(type(model)).parameters.items()}
    trained, used = (_comparable({**defaults, **dict(found)}) for found in (before, cfg))
    return name_some(
        [
            f'model.{key} was {_value_at(trained, key)!r} and is {_value_at(used, key)!r}'
            for key in different_keys(trained, used)
        ]
    )


def _comparable(value: Any) -> Any:
    """A copy as JSON has it, without what changes no prediction; types by their bare names."""
    if not isinstance(value, dict):
        return json.loads(json.dumps(value, default=str))
    return {
        key: str(v).rpartition('.')[2] if key == 'type' else _comparable(v)
        for key, v in value.items()
        if key not in NOT_COMPARED | FOR_TRAINING
    }


def _value_at(value: Any, path: str) -> Any:
    for key in path.split('.'):
        value = value[int(key)] if isinstance(value, list) else (value or {}).get(key)
    return value


def read_settings(text: str) -> dict:
    """The settings in the text of a Python file, as MMEngine writes them, without running it.

    Raises:
        ValueError: If it is more than settings; other errors if it is no such text.
    """
    settings = {}
    for statement in ast.parse(text).body:
        if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
            raise ValueError(f'line {statement.lineno} is no setting')
        settings[statement.targets[0].id] = _value(statement.value)
    return settings


def _value(node: ast.expr) -> Any:
    """The value of an expression made of literals and ``dict(...)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'dict':
        if node.args or not all(keyword.arg for keyword in node.keywords):
            raise ValueError(f'line {node.lineno}: dict() takes only names here')
        return {keyword.arg: _value(keyword.value) for keyword in node.keywords}
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {ast.literal_eval(key): _value(value) for key, value in pairs}
    if isinstance(node, (ast.List, ast.Tuple)):
        values = [_value(element) for element in node.elts]
        return values if isinstance(node, ast.List) else tuple(values)
    return ast.literal_eval(node)
