import sys

import cv2
import pytest
import torch
from mmengine.config import Config

from depthdecomp_mm.rooms import make_rooms
from tests.builders import light_model


@pytest.fixture
def compare(repo_root, monkeypatch):
    monkeypatch.syspath_prepend(str(repo_root / 'tools' / 'analysis_tools'))
    import compare

    return compare


def test_predictions_of_two_models_are_drawn_for_the_frames_where_they_differ(
    compare, tmp_path, repo_root, monkeypatch, capsys
):
    make_rooms(tmp_path, 0, 3, 0, 0, size=(64, 48), workers=1)
    cfg = Config.fromfile(repo_root / 'configs' / 'depthdecomp' / 'rooms.py')
    cfg.test_dataloader.dataset.data_root = f'{tmp_path}/nyu/'
    fed = []
    predict = compare.predict
    monkeypatch.setattr(
        compare,
        'predict',
        lambda m, data: fed.append(tuple(data['inputs'].shape)) or predict(m, data),
    )
    arguments = ['compare.py', '--out', f'{tmp_path}/panel.png', '--frames', '2', '--width', '96']
    for seed in (0, 1):
        model = light_model(seed)
        torch.save(dict(state_dict=model.state_dict()), tmp_path / f'{seed}.pth')
        cfg.test_dataloader.dataset.pipeline[1].scale = (128, 96 + 32 * seed)
        cfg.dump(tmp_path / f'{seed}.py')
        arguments += ['--model', f'model {seed}', f'{tmp_path}/{seed}.py', f'{tmp_path}/{seed}.pth']
    monkeypatch.setattr(sys, 'argv', arguments)
    compare.main()
    chosen = capsys.readouterr().out.split('frames ')[1]
    assert len(set(map(int, chosen.strip('[]\n').split(',')))) == 2
    assert set(fed) == {(3, 96, 128), (3, 128, 128)}  # each model what its own pipeline gives
    panel = cv2.imread(f'{tmp_path}/panel.png')
    columns = 2 + 2 * 2
    assert panel.shape[1] == 16 + columns * (96 + 16)
    assert panel.shape[0] > 2 * 72
