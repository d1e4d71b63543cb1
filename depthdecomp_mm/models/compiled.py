"""A network that :func:`torch.compile` makes faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

Network = Callable[[nn.Module, Tensor, Sequence[str]], dict[str, Tensor]]


class CompiledNetwork:
    """A function of a network, compiled for training at one size and for prediction at any.

    A graph for sizes that vary is slower, and PyTorch makes one as soon as two differ. Training
    therefore has a graph for the size of its first batch. A batch of another size, as the last one
    of an epoch, runs without it.

    Args:
        network: Called with the network, images (B, 3, H, W) and the names of outputs.
        **kwargs: Arguments of :func:`torch.compile`. With ``dynamic=True`` training has a graph for
            any size, too.
    """

    def __init__(self, network: Network, **kwargs) -> None:
        self.any_size = torch.compile(network, **kwargs)
        self.other_sizes = self.any_size if kwargs.get('dynamic') else network
        self.first_size = torch.compile(network, **(dict(dynamic=False) | kwargs))
        self.size: torch.Size | None = None

    def __call__(self, model: nn.Module, images: Tensor, wanted: Sequence[str]) -> dict:
        """Run it; ``model.training`` says what for."""
        if not model.training:
            return self.any_size(model, images, wanted)
        if self.size is None:
            self.size = images.shape
        run = self.first_size if images.shape == self.size else self.other_sizes
        return run(model, images, wanted)
