"""``compile`` makes one graph a phase, of one size, whatever the size of the last batch."""

from unittest import mock

import pytest
import torch

from .device import fake_cuda
from .ranks import eight_ranks, wrapped
from .steps import config_of, model_of


@pytest.fixture
def graphs():
    """Whether each graph that was compiled serves any size."""
    torch.compiler.reset()
    yield []
    torch.compiler.reset()


def train(name, phase, graphs, wrapped=lambda _, model: model):
    """Send two epochs through a phase's network, each with a smaller last batch."""

    def backend(graph, inputs):
        graphs.append(any(isinstance(value, torch.SymInt) for value in inputs))
        return graph.forward

    cfg = config_of(name, phase)
    model = model_of(cfg)
    model.compile(backend=backend)
    width, height = cfg.scale
    # Dynamo would ask the driver of a GPU that it believes in
    no_driver = mock.patch('torch.cuda.is_available', lambda: False)
    with fake_cuda(wrapped(cfg, model)), no_driver, torch.autocast('cuda', torch.bfloat16):
        for count in (3, 2, 3, 2):
            model.raw_outputs(torch.empty(count, 3, height, width, device='cuda'))


def test_on_one_gpu(graphs):
    train('nyu_51k_hrwsi', 'phase1', graphs)
    assert graphs == [False]
    train('nyu_51k_hrwsi', 'phase2', graphs)
    assert graphs == [False, False]


def test_on_eight_gpus(graphs):
    with eight_ranks():
        train('rooms_hrwsi', 'phase1', graphs, wrapped)
    assert graphs == [False]
