"""What would make a GPU wait, or fail there, fails the test of a step."""

import pytest
import torch
from torch._subclasses.fake_tensor import DynamicOutputShapeException

from .steps import check_step, config_of, model_of


@pytest.fixture
def cfg():
    return config_of('rooms_hrwsi', 'phase1')


@pytest.fixture
def model(cfg):
    return model_of(cfg)


def plant(model, fault):
    model.normalized_decoder.last_up.register_forward_hook(lambda _, args, out: fault(out))


def test_a_tensor_on_the_host(cfg, model):
    plant(model, lambda x: x + torch.ones(x.shape[-1]))
    with pytest.raises(RuntimeError, match='cuda:0 and cpu'):
        check_step(cfg, model, 'float32')


def test_a_tensor_that_is_not_registered(cfg, model):
    model.unregistered = torch.ones(1)
    plant(model, lambda x: x * model.unregistered)
    with pytest.raises(AssertionError, match='convert all Tensors to FakeTensors'):
        check_step(cfg, model, 'float32')


def test_a_parameter_that_is_not_trained(cfg, model):
    model.unused = torch.nn.Parameter(torch.ones(1))
    with pytest.raises(AssertionError, match='unused'):
        check_step(cfg, model, 'float32')


WAITS = {
    'item': lambda x: x * x.mean().item(),
    'bool': lambda x: x if x.mean() > 0 else -x,
    'tensor': lambda x: x * torch.tensor([2.0] * x.shape[-1], device=x.device),
    'pageable': lambda x: x * torch.ones(1).to(x.device, non_blocking=True),
    'copy_': lambda x: x * torch.empty_like(x[:1]).copy_(torch.ones(x[:1].shape)),
    'to_host': lambda x: x * float(x.detach().mean().cpu()),
    'index': lambda x: x[:, list(range(x.shape[1]))],
}


@pytest.mark.parametrize('fault', WAITS)
def test_a_wait(cfg, model, fault):
    plant(model, WAITS[fault])
    with pytest.raises(AssertionError, match='test_planted.py'):
        check_step(cfg, model, 'float32')


def test_a_size_that_only_the_gpu_knows(cfg, model):
    plant(model, lambda x: x + x[x > 0].sum())
    with pytest.raises(DynamicOutputShapeException):
        check_step(cfg, model, 'float32')


def test_too_many_copies(cfg, model):
    pinned = lambda x: torch.empty(1, pin_memory=True).to(x.device, non_blocking=True)  # noqa: E731
    plant(model, lambda x: x + pinned(x) + pinned(x))
    with pytest.raises(AssertionError, match='3 <= 2'):
        check_step(cfg, model, 'float32')
