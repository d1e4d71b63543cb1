"""What networks cost: parameters and multiply-adds; what they were measured on."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from mmengine.analysis import FlopAnalyzer
from torch import Tensor, nn

from .configs import read_config, section
from .engine.phases import phase_config
from .errors import ConfigError


def build_network(config: str | Path) -> nn.Module:
    """The network of a config's last phase in evaluation mode, with random weights.

    Args:
        config: Path or name, see :func:`find_config`.

    Raises:
        ConfigError: If it is not the config of a :class:`DepthDecomposer` that gives metres.
    """
    from .apis import init_model  # slow to import

    cfg = read_config(config)
    section(phase_config(cfg), 'model.encoder')
    model = init_model(cfg)
    if 'metric' not in model.outputs:
        raise ConfigError(f'{config}: expected a model that gives metres, found {model.outputs}')
    return model


def millions(module: nn.Module) -> float:
    """Parameters, in millions."""
    return sum(p.numel() for p in module.parameters()) / 1e6


def flop_analyzer(module: nn.Module, image: Tensor) -> FlopAnalyzer:
    """MMEngine's count of multiply-adds in ``module(image)``, with fused attention added."""
    analyzer = FlopAnalyzer(module, (image,)).unsupported_ops_warnings(False)
    analyzer.set_op_handle('aten::scaled_dot_product_attention', _attention_multiply_adds)
    return analyzer


def giga_multiply_adds(module: nn.Module, image: Tensor) -> float:
    """Multiply-adds of ``module(image)``, in 1e9."""
    return flop_analyzer(module, image).total() / 1e9


def _attention_multiply_adds(inputs: list, outputs: list) -> int:
    """Those of fused attention, which MMEngine leaves out: queries by keys, and by values."""
    query, key = (x.type().sizes() for x in inputs[:2])
    return 2 * math.prod(query) * key[-2]


def describe_device(device: str) -> str:
    """The name of the GPU, or the number of CPU threads, and PyTorch's version."""
    if 'cuda' in device:
        return f'{torch.cuda.get_device_name(device)}, torch {torch.__version__}'
    return f'{torch.get_num_threads()} CPU thread(s), torch {torch.__version__}'
