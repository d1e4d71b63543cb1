"""Graphs of training are of one size, graphs of prediction of any."""

import pytest
import torch
from torch import nn

from depthdecomp_mm.models.compiled import CompiledNetwork


@pytest.fixture
def graphs():
    """The sizes that each graph was compiled for, as text; ``s`` and a number is any."""
    torch.compiler.reset()
    yield []
    torch.compiler.reset()


def compiled(graphs, network=CompiledNetwork, **kwargs):
    def backend(graph, inputs):
        graphs.append([str(x) for x in inputs if isinstance(x, torch.SymInt)])
        return graph.forward

    def run(model, images, wanted):
        return {name: model(images) for name in wanted}

    return network(run, backend=backend, **kwargs)


def run(network, model, counts):
    return [network(model, torch.ones(count, 3, 8, 8), ['metric']) for count in counts]


def test_training_has_one_graph_whatever_the_last_batch(graphs):
    network, model = compiled(graphs), nn.Conv2d(3, 1, 3)
    found = run(network, model, (4, 3, 4, 3, 2))
    assert graphs == [[]]
    assert [len(out['metric']) for out in found] == [4, 3, 4, 3, 2]
    assert torch.equal(found[1]['metric'], model(torch.ones(3, 3, 8, 8)))


def test_pytorch_itself_would_make_it_dynamic(graphs):
    run(compiled(graphs, torch.compile), nn.Conv2d(3, 1, 3), (4, 3, 4, 3))
    assert len(graphs) == 2 and graphs[1]


def test_prediction_soon_has_a_graph_for_any_size(graphs):
    network, model = compiled(graphs), nn.Conv2d(3, 1, 3).eval()
    run(network, model, (4, 3, 5, 6))
    assert len(graphs) == 2 and graphs[1]
    run(network, model.train(), (7, 6))
    assert len(graphs) == 3 and graphs[2] == [], 'training does not start with that'


def test_a_config_may_ask_for_any_size(graphs):
    run(compiled(graphs, dynamic=True), nn.Conv2d(3, 1, 3), (4, 3, 5))
    assert len(graphs) == 1 and graphs[0]
