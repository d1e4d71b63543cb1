"""Weights in a safetensors file, which holds tensors and texts, and nothing to execute."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from .errors import CheckpointError
from .files import write_bytes

SUFFIX = '.safetensors'
JSON = '.json'
"""Ending of the names of meta information that is no plain text."""
CHECKSUM = 'sha256'
FORMAT = dict(format='pt')  # by which other libraries know PyTorch's names and shapes


def write_safetensors(path: str | Path, state_dict: Mapping[str, Tensor], meta: Mapping) -> None:
    """Write weights with their meta information, whole or not at all.

    Args:
        path: Target, overwritten if it exists; folders are created.
        state_dict: The weights.
        meta: Meta information by name. Texts are written as they are, all else as JSON.
    """
    tensors = {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in state_dict.items()
    }
    texts = {
        name if isinstance(value, str) else name + JSON: _as_text(value)
        for name, value in meta.items()
    }
    texts = FORMAT | texts
    write_bytes(Path(path), save(tensors, texts | {CHECKSUM: checksum(tensors, texts)}))


def read_safetensors(
    path: str | Path, map_location: str | torch.device = 'cpu', check: bool = True
) -> dict:
    """Read what :func:`write_safetensors` wrote, or a file of others, which may be hostile.

    Args:
        path: The file.
        map_location: Where the tensors go.
        check: Whether to compare the checksum, if the file has one.

    Returns:
        ``state_dict`` and ``meta``, as in a checkpoint of MMEngine.

    Raises:
        CheckpointError: If it is damaged.
        FileNotFoundError: If it is not there.
    """
    try:
        with safe_open(path, framework='pt') as file:
            texts = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        written = texts.pop(CHECKSUM, None)
        meta = dict(_as_value(*item) for item in texts.items() if item[0] not in FORMAT)
    except FileNotFoundError:
        raise
    except Exception as error:  # safetensors' own errors, and those of what is no JSON
        raise CheckpointError(
            f'{path}: cut off, damaged or no safetensors file: {error}'
        ) from error
    if check and written and written != checksum(tensors, texts):
        raise CheckpointError(f'{path}: damaged, its checksum does not match')
    state_dict = {name: value.to(map_location) for name, value in tensors.items()}
    return dict(meta=meta, state_dict=state_dict)


def checksum(tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> str:
    """SHA-256 of texts and of tensors with names, types and shapes, in the order of the names."""
    found = hashlib.sha256(json.dumps(texts, sort_keys=True).encode())
    for name, value in sorted(tensors.items()):
        found.update(f'{name} {value.dtype} {tuple(value.shape)}'.encode())
        found.update(value.contiguous().flatten().view(torch.uint8).numpy())
    return found.hexdigest()


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _as_value(name: str, text: str) -> tuple[str, Any]:
    return (name.removesuffix(JSON), json.loads(text)) if name.endswith(JSON) else (name, text)
