"""The tool that tells what each loss term teaches each part."""

import runpy

import pytest
import torch

from tests.builders import LIGHT, images, light_model, sample


@pytest.fixture
def tool(repo_root):
    path = repo_root / 'tools' / 'analysis_tools' / 'gradients.py'
    return runpy.run_path(str(path), run_name='tool')


def test_a_term_teaches_what_its_branch_is_made_of(tool):
    model = light_model().eval()
    raw = [(image * 50 + 120).clamp(0, 255).byte() for image in images()]
    batch = dict(inputs=raw, data_samples=[sample(seed=i) for i in range(2)])
    values, found = tool['gradients'](model, batch)
    reached = {term: {n for n, v in parts.items() if v.any()} for term, parts in found.items()}
    assert reached['loss_g'] == {'encoder', 'G-Net'}
    assert reached['loss_n'] == reached['loss_n_grad'] == {'encoder', 'G-Net', 'N-Net'}
    assert reached['loss_m'] == {'encoder', 'G-Net', 'N-Net', 'M-Net', 'MDR'}
    sum(model.loss(**model.data_preprocessor(batch, True)).values()).backward()
    by_hand = torch.cat([p.grad.flatten() for p in model.encoder.parameters()])
    assert torch.allclose(sum(parts['encoder'] for parts in found.values()), by_hand, atol=1e-4)
    rows = tool['numbers'](values, found)
    assert all(-1 <= row[-1] <= 1 and row[0] == values[term] for term, row in rows.items())


def test_the_table_is_of_a_phase(tool, tiny_rooms, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('ROOMS_ROOT', str(tiny_rooms))
    model = light_model(metric_decoder=None)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'weights.pth')
    options = [
        '--phase',
        'phase1',
        '--batches',
        '1',
        '--cfg-options',
        'train_dataloader.batch_size=2',
    ]
    options += ['train_dataloader.num_workers=0', 'train_dataloader.persistent_workers=False']
    tool['main']([str(LIGHT), str(tmp_path / 'weights.pth'), *options])
    rows = [row for row in capsys.readouterr().out.splitlines() if row.startswith('|')]
    assert rows[0] == '| loss term | value | encoder | G-Net | N-Net | with the others |'
    assert [row.split()[1] for row in rows[2:]] == ['loss_g', 'loss_n', 'loss_n_grad']
