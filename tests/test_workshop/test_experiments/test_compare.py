import cv2
import pytest
import torch
from mmengine.config import Config

from depthdecomp_mm.errors import UserError
from depthdecomp_mm.workshop.rooms import make_rooms
from tests.builders import light_model
from tests.conftest import ROOT


@pytest.fixture
def compare(repo_root, monkeypatch):
    monkeypatch.syspath_prepend(str(repo_root / 'tools' / 'analysis_tools'))
    import compare

    return compare


def test_predictions_of_two_models_are_drawn_for_the_frames_where_they_differ(
    compare, tmp_path, repo_root, monkeypatch, capsys
):
    make_rooms(tmp_path, 0, 3, 0, 0, size=(64, 48), workers=1)
    cfg = Config.fromfile(repo_root / 'configs' / 'depthdecomp' / 'rooms_random.py')
    cfg.test_dataloader.dataset.data_root = f'{tmp_path}/nyu/'
    fed = []
    predict = compare.predict
    monkeypatch.setattr(
        compare,
        'predict',
        lambda m, data: fed.append(tuple(data['inputs'].shape)) or predict(m, data),
    )
    arguments = ['--out', f'{tmp_path}/panel.png', '--frames', '2', '--width', '96']
    for seed in (0, 1):
        model = light_model(seed)
        torch.save(dict(state_dict=model.state_dict()), tmp_path / f'{seed}.pth')
        cfg.test_dataloader.dataset.pipeline[1].scale = (128, 96 + 32 * seed)
        cfg.dump(tmp_path / f'{seed}.py')
        arguments += ['--model', f'model {seed}', f'{tmp_path}/{seed}.py', f'{tmp_path}/{seed}.pth']
    compare.main(arguments)
    chosen = capsys.readouterr().out.split('frames ')[1]
    assert len(set(map(int, chosen.strip('[]\n').split(',')))) == 2
    assert set(fed) == {(3, 96, 128), (3, 128, 128)}  # each model what its own pipeline gives
    panel = cv2.imread(f'{tmp_path}/panel.png')
    columns = 2 + 2 * 2
    assert panel.shape[1] == 16 + columns * (96 + 16)
    assert panel.shape[0] > 2 * 72


def baseline(folder, **changes):
    """A ``--model`` of a config that is changed, with random weights."""
    cfg = Config.fromfile(ROOT / 'configs' / 'depthdecomp' / 'rooms_random.py')
    cfg.merge_from_dict(changes)
    cfg.dump(folder / 'config.py')
    model = light_model(**(dict(metric_decoder=None) if 'phases' in changes else {}))
    torch.save(dict(state_dict=model.state_dict()), folder / 'model.pth')
    return ['--model', 'a', f'{folder}/config.py', f'{folder}/model.pth']


@pytest.mark.parametrize(
    'options, words',
    [
        (['--frames', '0'], 'at least 1, found 0'),
        (['--width', '10'], 'at least 64, found 10'),
        (['--out', 'picture.pdf'], 'a .png or .jpg file, found picture.pdf'),
        (['--out', 'absent/picture.png'], 'no file can be written there'),
        (['--device', 'gpu'], "device 'gpu' cannot be used"),
        (['--model', 'a', 'other.py', 'other.pth'], "different names, found ['a', 'a']"),
    ],
)
def test_bad_arguments_are_refused(compare, options, words, capsys):
    arguments = ['--model', 'a', 'absent.py', 'absent.pth', '--out', 'picture.png']
    with pytest.raises(SystemExit):
        compare.main([*arguments, *options])
    assert words in capsys.readouterr().err


RELATIVE = {
    f'test_dataloader.dataset.{key}': value
    for key, value in dict(
        label_type='relative', depth_scale=None, min_depth=None, max_depth=None
    ).items()
}


NO_METRES = {'phases': dict(_delete_=True, one=dict(model=dict(metric_decoder=None)))}


@pytest.mark.parametrize(
    'changes, options, words',
    [
        ({}, ['--indices', '3'], 'expected 0 to 2, found .3.'),
        ({}, ['--indices', '-1'], 'expected 0 to 2, found .-1.'),
        ({}, ['--out', '{root}/model.png'], 'model.png: would be written over the input'),
        (dict(test_dataloader=None), [], 'has no test_dataloader.dataset'),
        (RELATIVE, [], 'a test set of metric depth'),
        (NO_METRES, [], 'a: expected a model that gives'),
    ],
)
def test_models_and_frames_that_cannot_be_compared(compare, tmp_path, changes, options, words):
    make_rooms(tmp_path, 0, 3, 0, 0, size=(64, 48), workers=1)
    cfg = {'test_dataloader.dataset.data_root': f'{tmp_path}/nyu/', **changes}
    arguments = [*baseline(tmp_path, **cfg), '--out', f'{tmp_path}/panel.png']
    (tmp_path / 'model.png').symlink_to(tmp_path / 'model.pth')
    with pytest.raises(UserError, match=words):
        compare.main([*arguments, *(option.format(root=tmp_path) for option in options)])
    assert not (tmp_path / 'panel.png').exists()
