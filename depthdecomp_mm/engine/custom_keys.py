"""Settings of single parameters that reach none."""

from __future__ import annotations

import logging

from mmengine.logging import print_log
from torch import nn


def warn_of_unmatched_keys(optim_wrapper: dict, model: nn.Module) -> None:
    """Warn of ``paramwise_cfg.custom_keys`` that match no parameter, such as another model's names.

    Args:
        optim_wrapper: Config of the optimizer wrapper.
        model: The network.
    """
    keys = (optim_wrapper.get('paramwise_cfg') or {}).get('custom_keys') or {}
    names = [name for name, _ in model.named_parameters()]
    unmatched = [key for key in keys if not any(key in name for name in names)]
    if unmatched:
        parts = sorted({name.split('.')[0] for name in names})
        print_log(
            f'optim_wrapper.paramwise_cfg.custom_keys: {unmatched} match no parameter of '
            f'{type(model).__name__}, whose parts are {parts}',
            logger='current',
            level=logging.WARNING,
        )
