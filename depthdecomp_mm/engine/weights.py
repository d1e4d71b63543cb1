"""Weights from a checkpoint, with a word on what does not fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from torch import Tensor, nn

from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.state_dict import name_some

from .checkpoint import state_dict_of


def weights_of(checkpoint: dict, source: str) -> dict[str, Tensor]:
    """The weights of a checkpoint that MMEngine wrote, or of a bare state dict.

    Args:
        checkpoint: What the file holds.
        source: Name of the file, for messages.

    Raises:
        CheckpointError: If there are none.
    """
    state = state_dict_of(checkpoint, source)
    tensors = {key: value for key, value in state.items() if isinstance(value, Tensor)}
    if not tensors:
        raise CheckpointError(
            f'{source}: expected tensors by name, at the top or under state_dict, but '
            f'{name_some(state) or "nothing"} is none'
        )
    return tensors


def parts_without(model: nn.Module, state: Mapping[str, Tensor]) -> list[str]:
    """The parts of a model, by name, of whose weights a state dict has none."""
    held = {key.partition('.')[0] for key in state}
    return [name for name, part in model.named_children() if part.state_dict() and name not in held]


def load_weights(
    model: nn.Module,
    state: Mapping[str, Tensor],
    source: str,
    strict: bool,
    fresh: Collection[str] = (),
) -> str:
    """Load weights into a model.

    Args:
        model: The model.
        state: Tensors by name.
        source: Name of the file, for messages.
        strict: Whether all must fit.
        fresh: Parts of the model that need no weights.

    Returns:
        What did not fit, in part of a sentence; empty if all did.

    Raises:
        CheckpointError: If nothing fits, or with ``strict`` not all of it.
    """
    expected = model.state_dict()
    shapes = [k for k, v in state.items() if k in expected and v.shape != expected[k].shape]
    fitting = {key: value for key, value in state.items() if key not in shapes}
    missing, left_over = model.load_state_dict(fitting, strict=False)
    # batches need not be counted: PyTorch puts zeros where a file has no such key
    wanted = [
        key
        for key in expected
        if not key.endswith('num_batches_tracked') and key.partition('.')[0] not in fresh
    ]
    nothing_fits = not set(wanted) - set(missing)
    missing = [key for key in wanted if key in missing and key not in shapes]
    parts = dict(missing=missing, left_over=left_over, of_another_shape=shapes)
    unfit = '; '.join(
        f'{len(names)} {what.replace("_", " ")}: {name_some(names)}'
        for what, names in parts.items()
        if names
    )
    if nothing_fits or (strict and unfit):
        raise CheckpointError(
            f'{source}: not of this network: {unfit}{_prefix_hint(state, expected)}'
        )
    return unfit


def covers(state: Mapping[str, Tensor], prefix: str, part: nn.Module) -> bool:
    """Whether weights hold all of a part of a model, under its prefix."""
    return all(
        key.endswith('num_batches_tracked')
        or getattr(state.get(f'{prefix}.{key}'), 'shape', None) == value.shape
        for key, value in part.state_dict().items()
    )


def _prefix_hint(state: Mapping[str, Any], expected: Collection[str]) -> str:
    for name in list(expected)[:1]:
        for key in state:
            if key.endswith(f'.{name}'):
                return f'. Remove the prefix {key.removesuffix(name)!r} of its keys'
            if name.endswith(f'.{key}'):
                return f'. Its keys lack the prefix {name.removesuffix(key)!r}'
    return ''
