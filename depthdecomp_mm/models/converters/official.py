"""From the authors' released networks to :class:`DepthDecomposer`, by rules on names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from depthdecomp_mm.state_dict import describe_mismatch, name_some

from .efficientnet import efficientnet_pytorch_names

# our decoder: its letter in the release's names, and its last layer there
DECODERS = {
    'gradient_decoder': ('g', 'conv_grad'),
    'normalized_decoder': ('n', 'conv_norm'),
    'metric_decoder': ('m', 'conv_metric'),
}
ENCODER = 'encoder.timm_model.'
UNUSED = 'encoder._fc.'
"""The encoder's classifier, which the release has and does not use."""
POSITIONS = 'VIT.patch_transformer.positional_encodings'
"""More rows than there are tokens; the first ones are used."""


@dataclass(frozen=True)
class Release:
    """One of the released networks.

    Attributes:
        name: The release's own name of the network.
        config: The config here, relative to the config folder.
        letters: Its decoders.
        mdr: Whether it has the MDR block.
    """

    name: str
    config: str
    letters: str
    mdr: bool


RELEASES = (
    Release('depth_effB5', 'depthdecomp/released/nyu_51k.py', 'm', False),
    Release('depth_decomp_effB5', 'depthdecomp/released/nyu_795_hrwsi.py', 'gmn', False),
    Release('depth_decomp_effB5_mdr', 'depthdecomp/released/nyu_hrwsi.py', 'gmn', True),
)


def recognise(names: Iterable[str]) -> Release:
    """Tell which released network a state dict is of, by its decoders and its MDR block.

    Args:
        names: Names in the state dict.

    Raises:
        ValueError: If it is none of them.
    """
    names = list(names)
    letters = sorted({m[1] for m in (re.match(r'up\d_([gmn])\.', n) for n in names) if m})
    mdr = any(name.startswith(('VIT.', 'conv_ViT.')) for name in names)
    for release in RELEASES:
        if (list(release.letters), release.mdr) == (letters, mdr):
            return release
    found = '-, '.join(letter.upper() for letter in letters) + '-Net' if letters else 'no decoder'
    raise ValueError(
        f'none of the released networks {[r.name for r in RELEASES]}: found {found} '
        f'{"with" if mdr else "without"} MDR block, in keys such as {name_some(names, 3)}'
    )


def released_names(names: Iterable[str]) -> dict[str, str]:
    """The release's name of every parameter and buffer of a :class:`DepthDecomposer`.

    Args:
        names: All names in the model's state dict.

    Raises:
        KeyError: If the released networks have nothing like it.
    """
    names = list(names)
    inner = [name.removeprefix(ENCODER) for name in names if name.startswith(ENCODER)]
    encoder = efficientnet_pytorch_names(inner)
    modules = {
        f'{decoder}.{ours}': theirs
        for decoder, (letter, last) in DECODERS.items()
        for ours, theirs in _decoder_modules(letter, last).items()
    }
    return {
        name: f'encoder.{encoder[name.removeprefix(ENCODER)]}'
        if name.startswith(ENCODER)
        else _replace_module(name, modules)
        for name in names
    }


def _decoder_modules(letter: str, last: str) -> dict[str, str]:
    """Modules of a :class:`DepthDecoder` and the release's names of them."""
    modules = {
        'head_attention.squeeze': f'conv_{letter}_CA.conv_du.0',
        'head_attention.excite': f'conv_{letter}_CA.conv_du.2',
        'head_conv': f'conv_{letter}32',
        'last_up.convs.0': f'up5_{letter}.convA',
        'last_up.convs.2': f'up5_{letter}.convB',
        'predict': last,
        'mdr.patch_embed': 'VIT.patch_transformer.embedding_convPxP',
        'mdr.pos_embed': POSITIONS,
        'mdr.transformer': 'VIT.patch_transformer.transformer_encoder',
        'mdr.pixel_embed': 'VIT.conv3x3',
        'mdr.regressor': 'VIT.regressor',
        'mdr.project': 'conv_ViT',
    }
    for i in range(4):
        modules[f'skips.{i}.1.squeeze'] = f'conv_enc_CA_{i + 1}_{letter}.conv_du.0'
        modules[f'skips.{i}.1.excite'] = f'conv_enc_CA_{i + 1}_{letter}.conv_du.2'
        modules[f'ups.{i}.convs'] = f'up{i + 1}_{letter}._net'
    return modules


def _replace_module(name: str, modules: dict[str, str]) -> str:
    parts = name.split('.')
    for i in range(len(parts), 0, -1):
        module = '.'.join(parts[:i])
        if module in modules:
            return '.'.join([modules[module], *parts[i:]])
    raise KeyError(name)


def convert_state_dict(
    source: Mapping[str, Tensor], target: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Rename a released network's tensors to those of our model.

    Args:
        source: State dict of the released network.
        target: State dict of our model, for names, shapes and types; its values are not read.

    Returns:
        The tensors of ``source`` under the names of ``target``.

    Raises:
        ValueError: If a key is missing, left over or of another shape, or a tensor is not finite;
            in the release's names.
    """
    names = released_names(target)
    expected = {theirs: tuple(target[ours].shape) for ours, theirs in names.items()}
    used = {key: value for key, value in source.items() if not key.startswith(UNUSED)}
    positions = used.get(POSITIONS)
    if POSITIONS in expected and isinstance(positions, Tensor):
        used[POSITIONS] = positions[: expected[POSITIONS][0]].clone()
    problem = describe_mismatch(used, expected, limit=20)
    if problem:
        raise ValueError(f'keys do not match: {problem}')
    bad = [key for key, value in used.items() if not torch.isfinite(value).all()]
    if bad:
        raise ValueError(f'NaN or infinity in {name_some(bad)}')
    return {ours: used[theirs].to(target[ours].dtype) for ours, theirs in names.items()}
