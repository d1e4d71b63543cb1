"""Training steps that are the same, bit by bit, with ``randomness.deterministic``."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from tests.builders import light_model, sample

# backward of what torch.use_deterministic_algorithms refuses on CUDA, as far as networks and losses
# might use it
NONDETERMINISTIC = {
    'adaptive_avg_pool2d_backward',
    'adaptive_max_pool2d_backward',
    'upsample_linear1d_backward',
    'upsample_bilinear2d_backward',
    'upsample_bicubic2d_backward',
    'reflection_pad2d_backward',
    'grid_sampler_2d_backward',
    'nll_loss2d_forward',
    'scatter_reduce',
    'histc',
    'median',
    'put_',
}


class Operators(TorchDispatchMode):
    """Notes the names of the operators that are called."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(func.overloadpacket.__name__.lstrip('_'))
        return func(*args, **(kwargs or {}))


@pytest.fixture(autouse=True)
def _deterministic():
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def step(model, size=(96, 128)):
    """Forward and backward of a batch on the model's device."""
    device = next(model.parameters()).device
    samples = [sample(size, label) for label in ('metric', 'relative')]
    images = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0))
    losses = model.loss(images.to(device), [s.to(device) for s in samples])
    sum(losses.values()).backward()
    return losses


def operators_of(call):
    with Operators() as seen:
        call()
    return seen.names


@pytest.mark.parametrize('phase', [dict(metric_decoder=None), {}], ids=['phase1', 'phase2'])
@pytest.mark.parametrize('size', [(96, 128), (128, 160)], ids=['grid fits', 'grid pooled'])
def test_no_operator_of_a_step_lacks_a_deterministic_kernel(phase, size):
    """On the meta device PyTorch takes the ways of devices other than the CPU."""
    model = light_model(**phase).train().to('meta')
    names = operators_of(lambda: step(model, size))
    assert 'convolution_backward' in names and not names & NONDETERMINISTIC


@pytest.mark.parametrize(
    'function',
    [lambda x: F.adaptive_avg_pool2d(x, 3), lambda x: F.pad(x, (1, 1, 1, 1), 'reflect')],
)
def test_an_operator_without_one_is_seen(function):
    x = torch.ones(1, 1, 8, 8, device='meta', requires_grad=True)
    assert operators_of(lambda: function(x).sum().backward()) & NONDETERMINISTIC


def test_two_steps_give_the_same_gradients():
    def gradients():
        torch.manual_seed(0)
        model = light_model().train()
        step(model)
        return [p.grad for p in model.parameters()]

    assert all(map(torch.equal, gradients(), gradients()))
