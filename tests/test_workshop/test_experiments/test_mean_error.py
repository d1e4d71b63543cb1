"""The tool that tells a wrong mean from a wrong shape."""

import runpy

import numpy as np
import pytest
import torch
from mmengine.config import Config

from depthdecomp_mm.registry import DATASETS
from tests.builders import LIGHT, light_model

FIELDS = ('truth', 'mean', 'rmse', 'shape_rmse')


@pytest.fixture
def tool(repo_root, tiny_rooms, monkeypatch):
    monkeypatch.setenv('ROOMS_ROOT', str(tiny_rooms))
    path = repo_root / 'tools' / 'analysis_tools' / 'mean_error.py'
    return runpy.run_path(str(path), run_name='tool')


def test_a_flat_map_lacks_the_mean_and_the_deviation(tool, monkeypatch):
    model = light_model(representation='depth').eval()
    flat = {'metric': torch.full((1, 1, 48, 64), 0.5)}
    monkeypatch.setattr(model, 'raw_outputs', lambda inputs, _: flat)
    dataset = DATASETS.build(Config.fromfile(LIGHT).test_dataloader.dataset)
    found = tool['measure'](model, dataset, batch_size=1)
    for i, image in enumerate(dataset):
        depth, mask = model.targets([image['data_samples']], (48, 64))['metric']
        depth = depth[mask].numpy()
        by_hand = depth.mean(), 0.5, np.sqrt(((depth - 0.5) ** 2).mean()), depth.std()
        measured = [getattr(found, field)[i].item() for field in FIELDS]
        assert measured == pytest.approx(by_hand, rel=1e-4)


def test_training_and_test_images_are_compared(tool, tmp_path, capsys):
    torch.save(dict(state_dict=light_model().state_dict()), tmp_path / 'weights.pth')
    tool['main']([str(LIGHT), str(tmp_path / 'weights.pth')])
    header, _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split(' | ')[0] for row in rows] == ['| training', '| testing']
    assert header.count('|') == rows[0].count('|') and 'nan' not in rows[0] + rows[1]
