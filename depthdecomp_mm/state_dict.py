"""Comparison of a state dict with the one expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from torch import Tensor


def describe_mismatch(
    found: Mapping[str, Tensor], expected: Mapping[str, Sequence[int]], limit: int = 5
) -> str:
    """What is wrong with a state dict, in part of a sentence.

    Args:
        found: The state dict.
        expected: The shape of every tensor that must be there.
        limit: Number of names of each kind to give, the others are counted.

    Returns:
        Names of missing keys, of keys left over, and of those with another shape or that are no
        tensors; empty if nothing is wrong.
    """
    missing = [key for key in expected if key not in found]
    left_over = [key for key in found if key not in expected]
    shapes = [
        f'{key} ({_describe(found[key])}, expected {tuple(shape)})'
        for key, shape in expected.items()
        if key in found and _shape(found[key]) != tuple(shape)
    ]
    parts = [(missing, 'missing'), (left_over, 'left over'), (shapes, 'of another shape')]
    return '; '.join(f'{len(n)} {what}: {name_some(n, limit)}' for n, what in parts if n)


def name_some(names: Collection[str], limit: int = 5) -> str:
    """The first names, and the number of the others."""
    shown = ', '.join(list(names)[:limit])
    return shown + (f' and {len(names) - limit} more' if len(names) > limit else '')


def _shape(value: object) -> tuple | None:
    return tuple(value.shape) if isinstance(value, Tensor) else None


def _describe(value: object) -> str:
    return f'found {_shape(value) if isinstance(value, Tensor) else type(value).__name__}'
