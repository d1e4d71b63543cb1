"""CUDA without a GPU: fake tensors have a shape, a type and a device, and no data."""

from contextlib import ExitStack, contextmanager
from unittest import mock

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from .backward import backward

BELIEFS = {
    'torch.cuda.is_available': lambda: True,
    'torch.cuda.is_bf16_supported': lambda *_: True,
    'torch.cuda.current_device': lambda: 0,
    'torch.cuda.amp.common.amp_definitely_not_available': lambda: False,
    # as of real tensors on CUDA
    'torch.optim.optimizer._foreach_supported_types': [nn.Parameter, torch.Tensor, FakeTensor],
    'torch.Tensor.backward': backward,
    'mmengine.runner.amp.get_device': lambda: 'cuda',
    'mmengine.optim.optimizer.amp_optimizer_wrapper.is_cuda_available': lambda: True,
}

# Fake tensors have PyTorch count a GPU. If its engine counted them first, it would start threads,
# and no process could learn that is forked from this one.
torch.zeros(1, requires_grad=True).sum().backward()


@contextmanager
def fake_cuda(model):
    """Put a model on a fake GPU and believe that it is there, and that all tensors are fake.

    What is not registered as parameter or buffer stays real, and raises when it is used.
    """
    mode = FakeTensorMode(allow_non_fake_inputs=False)  # before CUDA is believed to be there
    with ExitStack() as stack:
        stack.enter_context(mode)
        for target, value in BELIEFS.items():
            stack.enter_context(mock.patch(target, value))
        _move(model)
        yield


def _move(model):
    for module in _modules(model):
        for name, p in module._parameters.items():
            if p is not None:
                module._parameters[name] = nn.Parameter(_like(p), p.requires_grad)
        for name, b in module._buffers.items():
            if b is not None:
                module._buffers[name] = _like(b)
        if hasattr(module, '_device'):  # of data preprocessors
            module._device = torch.device('cuda')


def _modules(model):
    """The parts of a model, and those of teachers, which are no parts of their students."""
    for module in model.modules():
        yield module
        if getattr(module, 'teacher', None) is not None:
            yield from module.teacher.modules()


def _like(tensor):
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device='cuda')
