"""The reproducible random numbers of ``../shared/parity``, as its README describes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


def rng(name: str, seed: int = 0) -> np.random.Generator:
    digest = sha256(f'{seed}:{name}'.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], 'little'))


@cache
def tensor(key: str, shape: tuple[int, ...]) -> Tensor:
    """The numbers of one key; cached, since the networks share most of theirs."""
    draw = rng(key)
    if key.endswith('num_batches_tracked'):
        values = np.zeros(shape)
    elif key.endswith('running_var'):
        values = draw.uniform(0.5, 1.5, shape)
    elif key.endswith('running_mean'):
        values = 0.1 * draw.standard_normal(shape)
    elif key.endswith('positional_encodings'):
        values = draw.uniform(0, 1, shape)
    elif len(shape) == 1 and key.endswith('weight'):
        values = draw.uniform(0.8, 1.2, shape)
    elif len(shape) == 1:
        values = 0.05 * draw.standard_normal(shape)
    else:
        values = draw.standard_normal(shape) * (1.6 / prod(shape[1:])) ** 0.5
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def shapes(folder: Path, case: str) -> dict[str, Sequence[int]]:
    """Keys and shapes of a released network."""
    return dict(json.loads((folder / f'{case}.keys.json').read_text()))


def state_dict(folder: Path, case: str) -> dict[str, Tensor]:
    """State dict of a released network, filled."""
    return {key: tensor(key, tuple(shape)) for key, shape in shapes(folder, case).items()}


def image() -> Tensor:
    """The normalised input image, (1, 3, 384, 512)."""
    return torch.from_numpy(rng('input').standard_normal((1, 3, 384, 512)).astype(np.float32))
