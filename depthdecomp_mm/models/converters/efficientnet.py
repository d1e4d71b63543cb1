"""EfficientNet's parameter names in timm and in the package ``efficientnet_pytorch``."""

from __future__ import annotations

import re
from collections.abc import Iterable

OUTSIDE_BLOCKS = {
    'conv_stem': '_conv_stem',
    'bn1': '_bn0',
    'conv_head': '_conv_head',
    'bn2': '_bn1',
    'classifier': '_fc',
}
IN_ANY_BLOCK = {
    'conv_dw': '_depthwise_conv',
    'se.conv_reduce': '_se_reduce',
    'se.conv_expand': '_se_expand',
}
# timm counts the layers that a block has, efficientnet_pytorch those that it could have
IN_EXPANDING_BLOCK = {
    **IN_ANY_BLOCK,
    'conv_pw': '_expand_conv',
    'bn1': '_bn0',
    'bn2': '_bn1',
    'conv_pwl': '_project_conv',
    'bn3': '_bn2',
}
IN_OTHER_BLOCK = {**IN_ANY_BLOCK, 'bn1': '_bn1', 'conv_pw': '_project_conv', 'bn2': '_bn2'}

BLOCK_NAME = re.compile(r'blocks\.(\d+)\.(\d+)\.(.+)')


def efficientnet_pytorch_names(timm_names: Iterable[str]) -> dict[str, str]:
    """The name in ``efficientnet_pytorch`` of every parameter and buffer of a timm EfficientNet.

    timm numbers its blocks within stages, ``efficientnet_pytorch`` all in a row; a block that
    expands its channels first (all but those of the first stage) has one layer more.

    Args:
        timm_names: All names in the timm model's state dict.

    Raises:
        KeyError: If a layer is not one of EfficientNet's.
    """
    names = list(timm_names)
    blocks = [match for match in map(BLOCK_NAME.match, names) if match]
    positions = sorted({(int(match[1]), int(match[2])) for match in blocks})
    numbers = {position: number for number, position in enumerate(positions)}
    expanding = {(int(m[1]), int(m[2])) for m in blocks if m[3].startswith('conv_pwl.')}

    def translate(name: str) -> str:
        match = BLOCK_NAME.match(name)
        if not match:
            layer, parameter = name.rsplit('.', 1)
            return f'{OUTSIDE_BLOCKS[layer]}.{parameter}'
        position = int(match[1]), int(match[2])
        layer, parameter = match[3].rsplit('.', 1)
        layers = IN_EXPANDING_BLOCK if position in expanding else IN_OTHER_BLOCK
        return f'_blocks.{numbers[position]}.{layers[layer]}.{parameter}'

    return {name: translate(name) for name in names}
