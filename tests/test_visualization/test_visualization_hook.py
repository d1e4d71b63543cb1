from pathlib import Path
from types import SimpleNamespace

import mmcv
import numpy as np
import pytest
from mmengine.visualization import Visualizer

from depthdecomp_mm.engine.hooks.visualization_hook import DepthVisualizationHook, panel_names
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.registry import HOOKS
from depthdecomp_mm.visualization import DepthVisualizer


@pytest.fixture
def runner(monkeypatch):
    """A stand-in for a runner whose visualizer notes what it is asked to draw."""
    visualizer = DepthVisualizer('hook')
    calls = []
    original = visualizer.add_datasample

    def note(name, image, sample, **kwargs):
        calls.append((name, image, kwargs))
        original(name, image, sample, **kwargs)

    monkeypatch.setattr(visualizer, 'add_datasample', note)
    loop = SimpleNamespace(dataloader=SimpleNamespace(dataset=[]))  # tells no images
    return SimpleNamespace(
        visualizer=visualizer, iter=120, calls=calls, val_loop=loop, test_loop=loop
    )


@pytest.fixture
def samples(tmp_path, make_data_sample):
    """Seven predictions, whose images have the same name in different folders."""
    made = []
    for index in range(7):
        path = tmp_path / f'scene_{index}' / 'rgb_00000.png'
        mmcv.imwrite(np.full((6, 8, 3), (0, 0, index), np.uint8), str(path))
        depth = np.full((6, 8), 1 + index, np.float32)
        made.append(make_data_sample(pred_depth_map=depth, img_path=str(path)))
    return made


def validate(hook, runner, samples, batch_size=2):
    hook.before_val_epoch(runner)
    for index, start in enumerate(range(0, len(samples), batch_size)):
        hook.after_val_iter(runner, index, None, samples[start : start + batch_size])


def test_registered():
    assert HOOKS.get('depthdecomp_mm.DepthVisualizationHook') is DepthVisualizationHook


@pytest.mark.parametrize('batch_size', [1, 2, 7])
def test_every_third_image_whatever_the_batch_size(runner, samples, batch_size):
    hook = DepthVisualizationHook(interval=3)
    validate(hook, runner, samples, batch_size)
    validate(hook, runner, samples, batch_size)
    # The red value tells which image was read, and that it was read as RGB.
    assert [image[0, 0].tolist() for _, image, _ in runner.calls] == 2 * [
        [0, 0, 0],
        [3, 0, 0],
        [6, 0, 0],
    ]
    assert {kwargs['step'] for _, _, kwargs in runner.calls} == {120}
    assert all(name.startswith('val_') for name, _, _ in runner.calls)
    assert len({name for name, _, _ in runner.calls}) == 3


def test_max_images_and_draw(runner, samples):
    validate(DepthVisualizationHook(interval=2, max_images=2), runner, samples)
    assert len(runner.calls) == 2
    validate(DepthVisualizationHook(draw=False, interval=1), runner, samples)
    assert len(runner.calls) == 2


@pytest.mark.parametrize('main_process', [True, False])
def test_test_writes_one_file_for_each_image_on_every_process(
    runner, samples, tmp_path, monkeypatch, main_process
):
    monkeypatch.setattr(
        'depthdecomp_mm.engine.hooks.visualization_hook.is_main_process', lambda: main_process
    )
    out_dir = tmp_path / 'out'
    hook = DepthVisualizationHook(interval=1, test_out_dir=str(out_dir))
    hook.before_test_epoch(runner)
    hook.after_test_iter(runner, 0, None, samples)
    names = sorted(path.name for path in out_dir.iterdir())
    assert len(names) == 7
    assert all(name.endswith(f'scene_{i}_rgb_00000.png') for i, name in enumerate(names))
    validate(hook, runner, samples)
    assert len(runner.calls) == (14 if main_process else 7)


def test_another_visualizer_is_refused(runner):
    runner.visualizer = Visualizer('plain')
    with pytest.raises(TypeError, match='depthdecomp_mm.DepthVisualizer'):
        DepthVisualizationHook().before_val_epoch(runner)
    DepthVisualizationHook(draw=False).before_test_epoch(runner)


@pytest.mark.parametrize('arguments', [dict(interval=0), dict(max_images=-1)])
def test_senseless_arguments_are_refused(arguments):
    with pytest.raises(ValueError, match='interval >= 1'):
        DepthVisualizationHook(**arguments)


@pytest.mark.parametrize(
    'path, name',
    [
        ('rgb.jpg', 'rgb'),
        ('/rgb.jpg', 'rgb'),
        ('../scene/rgb_00000.jpg', 'scene_rgb_00000'),
        ('data/nyu/scene/rgb_00000.jpg', 'nyu_scene_rgb_00000'),
        ('test/LR/12. Livingroom/color/a.b_c.png', '12. Livingroom_color_a.b_c'),
    ],
)
def test_panel_name(path, name):
    assert panel_names([path]) == {path: name}
    assert Path(name).name == name


@pytest.mark.parametrize(
    'paths, names',
    [
        (['d/s/x/y/1.png', 'd/t/x/y/1.png'], ['s_x_y_1', 't_x_y_1']),
        (['a/b/c/d.png', 'a/b/c/d.png'], ['b_c_d']),  # the same image twice
        (['a_b/c.png', 'a/b_c.png'], ['0_a_b_c', '1_a_b_c']),
        (['a.png', 'a.jpg', 'b.jpg'], ['0_a', '1_a', '2_b']),
        (['x.png', 'a/b/c/d/e.png'], ['x', 'c_d_e']),
    ],
)
def test_panels_of_different_images_have_different_names(paths, names):
    assert list(panel_names(paths).values()) == names


def test_images_whose_paths_end_alike_have_a_file_each(runner, make_data_sample, tmp_path):
    made = []
    for folder in 'abcd':
        path = tmp_path / 'sets' / folder / 'scene' / 'rgb' / '00000.png'
        mmcv.imwrite(np.zeros((6, 8, 3), np.uint8), str(path))
        made.append(
            make_data_sample(pred_depth_map=np.ones((6, 8), np.float32), img_path=str(path))
        )
    for loop, out in ((known(made), 'known'), (runner.test_loop, 'unknown')):
        runner.test_loop = loop
        hook = DepthVisualizationHook(interval=1, test_out_dir=str(tmp_path / out))
        hook.before_test_epoch(runner)
        hook.after_test_iter(runner, 0, None, made)
        assert len(list((tmp_path / out).iterdir())) == 4


def test_no_panel_is_written_over_an_image(runner, make_data_sample, tmp_path):
    path = tmp_path / 'rgb.png'
    mmcv.imwrite(np.zeros((6, 8, 3), np.uint8), str(path))
    folder = tmp_path / 'out'
    folder.mkdir()
    name = '_'.join([*path.parts[-3:-1], 'rgb.png'])
    (folder / name).symlink_to(path)
    runner.test_loop = known([make_data_sample(img_path=str(path))])
    hook = DepthVisualizationHook(interval=1, test_out_dir=str(folder))
    with pytest.raises(UserError, match='over the input'):
        hook.before_test_epoch(runner)


class Told(list):
    """Samples as a data set that tells its images."""

    def get_data_info(self, index):
        return dict(img_path=self[index].img_path)


def known(samples):
    return SimpleNamespace(dataloader=SimpleNamespace(dataset=Told(samples)))
