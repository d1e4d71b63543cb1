"""Settings of a config that make its network faster."""

from __future__ import annotations

from mmengine.config import Config
from mmengine.logging import print_log
from torch import nn


def is_decomposer(model: nn.Module) -> bool:
    """Whether it is a ``DepthDecomposer``, a subclass's included."""
    from depthdecomp_mm.models import DepthDecomposer  # slow to import, with timm

    return isinstance(model, DepthDecomposer)


def prepare_for_prediction(model: nn.Module, cfg: Config) -> None:
    """Do what ``fuse_conv_bn`` and ``compile`` in the config ask for, in place.

    Args:
        model: A model with its final weights; one that is no :class:`DepthDecomposer` is left as it
            is.
        cfg: The config. ``fuse_conv_bn`` is a bool, ``compile`` a bool or a dict of
            :func:`torch.compile`'s arguments.
    """
    if not is_decomposer(model):
        return
    if cfg.get('fuse_conv_bn'):
        from depthdecomp_mm.models.conv_bn_folding import fuse_conv_bn

        count = fuse_conv_bn(model.eval())
        print_log(f'folded {count} BatchNorm layers into convolutions', logger='current')
    compile_network(model, cfg.get('compile'))


def compile_network(model: nn.Module, config: dict | bool | None) -> None:
    """Compile a :class:`DepthDecomposer`'s network as the config's ``compile`` says.

    Raises:
        TypeError: If ``compile`` is neither a bool nor a dict.
    """
    if not isinstance(config, (dict, bool, type(None))):
        raise TypeError(f'compile is {config!r}, expected a bool or a dict of arguments')
    if config or config == {}:
        model.compile(**({} if isinstance(config, bool) else config))
        print_log('The network is compiled with the first batches, which are slow', 'current')
