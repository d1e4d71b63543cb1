"""Memory of a training step, on a GPU that is not there and on a CPU that is."""

import json

import pytest
import torch
from mmengine.config import Config
from torch import nn

from depthdecomp_mm.errors import ConfigError
from tests.builders import LIGHT, light_model

SIZE = (96, 128)


@pytest.fixture(scope='module')
def memory(tool):
    return tool('analysis_tools/memory')


def test_memory_is_counted_once_and_the_models_not(memory):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(5, 7)

        def loss(self, x, _):
            y = self.linear(x).exp()  # saves x and y
            return (y.view(7, -1) * y.T).sum()  # saves y again, twice

    x = torch.ones(3, 5, requires_grad=True)
    assert memory.saved_bytes(Model(), x, []) == 4 * (3 * 5 + 3 * 7)


@pytest.mark.parametrize(
    'overrides, tolerance',
    # the masks of dropout, in the MDR block's transformer, are bytes on GPUs and floats on CPUs
    [(dict(metric_decoder=None), 1e-3), ({}, 0.03)],
    ids=['phase1', 'phase2'],
)
def test_a_gpu_without_data_needs_what_real_tensors_take(memory, overrides, tolerance):
    model = light_model(**overrides).train()
    real = memory.saved_bytes(model, *memory.batch_of(SIZE, 2, 'cpu'))
    assert memory.activations(model, SIZE, 2, 'float32') == pytest.approx(real, rel=tolerance)
    assert real > 2**23


def test_batch_and_precision_and_checkpointing_tell(memory):
    plain = light_model().train()
    one, two = (memory.activations(plain, SIZE, count, 'float32') for count in (2, 4))
    assert two == pytest.approx(2 * one, rel=0.02)
    half = memory.activations(plain, SIZE, 4, 'bfloat16')
    assert half == memory.activations(plain, SIZE, 4, 'float16')
    copies = sum(p.nbytes for p in plain.parameters()) // 2  # of the weights, in half precision
    assert 0.45 * two + 0.9 * copies < half < 0.7 * two + copies
    saving = light_model(encoder=dict(grad_checkpointing=True)).train()
    assert memory.activations(saving, SIZE, 4, 'float32') < 0.9 * two


@pytest.mark.parametrize(
    'optimizer, expected', [(dict(type='Adam'), 2), (dict(type='SGD', momentum=0.9), 1)]
)
def test_state_follows_the_optimizer(memory, optimizer, expected):
    cfg = Config(dict(optim_wrapper=dict(optimizer=dict(optimizer, lr=1e-3))))
    assert memory.state_per_parameter(cfg) == expected


def test_rows_of_all_phases_or_one(memory, tmp_path, capsys):
    out = tmp_path / 'rows.json'
    options = ['--batch-size', '1', '2', '--precision', 'float32', '--json', str(out)]
    memory.main(['depthdecomp/rooms_hrwsi.py', *options])
    rows = json.loads(out.read_text())
    places = [(row['phase'], row['batch_size']) for row in rows]
    assert places == [(phase, batch) for phase in ('phase1', 'phase2') for batch in (1, 2)]
    for row in rows:
        assert row['optimizer'] == pytest.approx(2 * row['gradients'])
        assert 0 < row['gradients'] < row['parameters']  # with the statistics of BatchNorm
    assert '| phase2 | 2 | float32 | 0.0' in capsys.readouterr().out
    memory.main([str(LIGHT), '--phase', 'phase1', *options[:2]])
    assert 'phase2' not in capsys.readouterr().out
    with pytest.raises(ConfigError, match="no phase 'third'"):
        memory.main([str(LIGHT), '--phase', 'third'])


def test_the_size_is_that_of_the_pipeline(memory):
    resize, crop = dict(type='Resize', scale=(512, 384)), dict(type='C', crop_size=(96, 64))
    inner = dict(datasets=dict(a=dict(pipeline=[resize, dict(type='PackDepthInputs')])))
    assert memory.training_size(dict(dataset=inner)) == (384, 512)
    assert memory.training_size(dict(pipeline=[resize, crop])) == (96, 64)
    with pytest.raises(ConfigError, match='give --size'):
        memory.training_size(dict(dataset=dict(pipeline=[dict(type='Load')])))
