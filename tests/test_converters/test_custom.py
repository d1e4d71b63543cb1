"""Frames of a camera of one's own."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config

from depthdecomp_mm.datasets import CustomDepthDataset, SampleError
from depthdecomp_mm.datasets.converters.custom import find_files
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.registry import DATASETS
from tests import mini_sets


def names(path):
    return [line.split()[0] for line in path.read_text().splitlines()]


def test_folders_become_lists_and_a_config(tmp_path, convert):
    root = mini_sets.make_custom(tmp_path, count=10, depth_scale=5000)
    assert convert('custom', root, '--depth-scale', 5000, '--test-fraction', 0.2) == 0
    assert names(root / 'train.txt') == [f'color/{i:05d}.jpg' for i in range(8)]
    assert names(root / 'test.txt') == ['color/00008.jpg', 'color/00009.jpg']
    dataset = CustomDepthDataset('test.txt', data_root=str(root), depth_scale=5000)
    assert dataset.get_data_info(1)['depth_map_path'] == f'{root}/depth/00009.png'


@pytest.mark.parametrize(
    ('arguments', 'encoder'), [((), 'tf_efficientnet_b5'), (('--light',), 'tf_efficientnet_lite0')]
)
def test_config_holds_what_was_asked_for(tmp_path, convert, monkeypatch, arguments, encoder):
    root, relative = mini_sets.make_custom(tmp_path / 'a set'), tmp_path / 'web'
    scales = ('--depth-scale', 1000, '--max-depth', 8, '--relative', relative)
    convert('custom', root, *scales, *arguments)
    monkeypatch.chdir(tmp_path)
    cfg = phase_config(Config.fromfile(root / 'config.py'))
    for part, ann_file in (('train', 'train.txt'), ('val', 'test.txt'), ('test', 'test.txt')):
        dataset = cfg[f'{part}_dataloader'].dataset
        dataset = dataset.datasets.metric if part == 'train' else dataset
        expected = dict(ann_file=ann_file, data_root=str(root), depth_scale=1000.0, max_depth=8.0)
        assert {key: dataset[key] for key in expected} == expected
        built = DATASETS.build(dict(dataset, pipeline=[]))
        assert len(built) == (5 if part == 'train' else 1)
        meta = {key: built.metainfo[key] for key in ('min_depth', 'max_depth', 'eval_crop')}
        assert meta == dict(min_depth=1e-3, max_depth=8, eval_crop=None)
    assert cfg.model.encoder.model_name.startswith(encoder)
    assert cfg.model.max_depth == 8

    mixed = phase_config(Config.fromfile(root / 'config_hrwsi.py'))
    metric, other = mixed.train_dataloader.dataset.datasets.values()
    assert metric == cfg.train_dataloader.dataset.datasets.metric
    assert (other.type, other.data_root) == ('HRWSIDataset', str(relative))
    resize = [[t.scale for t in d.pipeline if t.type == 'Resize'] for d in (metric, other)]
    assert resize[0] == resize[1]
    assert mixed.train_dataloader.sampler.quotas == dict(metric=8, relative=8)


def test_templates_pair_by_all_their_fields(tmp_path):
    for name in ('a b/rgb_1.v2.png', 'a b/rgb_2.png', 'c/x/rgb_1.jpg', 'c/other_1.jpg'):
        mini_sets.write_image(tmp_path / name, np.zeros((2, 2, 3), np.uint8))
    files = find_files(tmp_path, '{scene}/rgb_{id}.*')
    assert files == {
        '1.v2 a b': 'a b/rgb_1.v2.png', '2 a b': 'a b/rgb_2.png', '1 c/x': 'c/x/rgb_1.jpg'
    }  # fmt: skip
    mini_sets.write_image(tmp_path / 'c/x/rgb_1.png', np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(SampleError, match='both .*rgb_1'):
        find_files(tmp_path, '{scene}/rgb_{id}.*')
    with pytest.raises(SampleError, match='no file fits'):
        find_files(tmp_path, 'rgb/{id}.png')
    with pytest.raises(SampleError, match='expected fields'):
        find_files(tmp_path, 'a b/*.png')


def test_a_list_and_a_test_list(tmp_path, convert):
    root = mini_sets.make_custom(tmp_path / 'set', count=4)
    pairs, test = tmp_path / 'pairs.txt', tmp_path / 'wanted.txt'
    pairs.write_text(''.join(f'color/{i:05d}.jpg depth/{i:05d}.png 52{i}.5\n' for i in (3, 1, 0)))
    test.write_text('color/00003.jpg\n')
    arguments = ('--list', pairs, '--test-list', test, '--out', tmp_path / 'out')
    assert convert('custom', root, '--depth-scale', 1000, *arguments) == 0
    assert names(tmp_path / 'out/train.txt') == ['../set/color/00001.jpg', '../set/color/00000.jpg']
    assert names(tmp_path / 'out/test.txt') == ['../set/color/00003.jpg']
    focals = [line.split()[2] for line in (tmp_path / 'out/train.txt').read_text().splitlines()]
    assert focals == ['521.5', '520.5']


def test_the_last_ones_recorded_are_tested_on(tmp_path, convert):
    for scene in ('attic', 'cellar'):
        mini_sets.make_custom(tmp_path / scene, count=5)
    for path in list(tmp_path.rglob('0000*')):
        path.rename(path.with_stem(str(3 * int(path.stem))))  # 0, 3, 6, 9 and 12
    templates = ('--color', '{scene}/color/{id}.jpg', '--depth', '{scene}/depth/{id}.png')
    convert('custom', tmp_path, '--depth-scale', 1000, '--test-fraction', 0.2, *templates)
    assert names(tmp_path / 'test.txt') == ['cellar/color/9.jpg', 'cellar/color/12.jpg']


@pytest.mark.parametrize(
    'content', ['color/b 1.jpg', '# ours\n\ncolor/b 1.jpg', 'color/b 1.jpg\tx']
)
def test_a_test_list_of_names_with_spaces(tmp_path, convert, content):
    root = mini_sets.make_custom(tmp_path, count=3)
    for path in list(root.rglob('00001*')):
        path.rename(path.with_stem('b 1'))
    (tmp_path / 'wanted.txt').write_text(content)
    convert('custom', root, '--depth-scale', 1000, '--test-list', tmp_path / 'wanted.txt')
    assert (root / 'test.txt').read_text() == 'color/b 1.jpg\tdepth/b 1.png\n'


def test_missing_partner_is_told(tmp_path, convert, capsys):
    root = mini_sets.make_custom(tmp_path)
    (root / 'depth/00002.png').unlink()
    assert convert('custom', root, '--depth-scale', 1000) == 1
    assert f'missing: {root}/color/00002.jpg: has no partner in depth' in capsys.readouterr().out


def eight_bits(root):
    for path in (root / 'depth').iterdir():
        mini_sets.write_image(path, np.full(mini_sets.SMALL, 200, np.uint8))


def cut_all(root):
    for path in (root / 'depth').iterdir():
        path.write_bytes(path.read_bytes()[:500])


@pytest.mark.parametrize(
    ('damage', 'arguments', 'message'),
    [
        (None, ('--depth-scale', 1), r'00000.png.*median depth 4\d+ m.*a scale of 1000 would'),
        (None, ('--depth-scale', 50000), r'00000.png.*0.0\d+ m.*a scale of 1000 would'),
        (None, ('--depth-scale', 1000, '--max-depth', 2), 'expected 0.3 to 2 m'),
        (eight_bits, ('--depth-scale', 1000), '00000.png: found 8-bit depth'),
        (cut_all, ('--depth-scale', 1000), '00000.png: truncated PNG'),
    ],
)
def test_bad_depth_is_named_and_nothing_written(tmp_path, convert, damage, arguments, message):
    root = mini_sets.make_custom(tmp_path)
    if damage:
        damage(root)
    with pytest.raises(SampleError, match=message):
        convert('custom', root, *arguments)
    assert sorted(path.name for path in root.iterdir()) == ['color', 'depth']


def test_bad_lists_are_named(tmp_path, convert):
    root = mini_sets.make_custom(tmp_path / 'set')
    pairs = tmp_path / 'pairs.txt'
    pairs.write_text('color/00000.jpg depth/00000.png\ncolor/00001.jpg\n')
    with pytest.raises(SampleError, match='pairs.txt, line 2: found 1 fields'):
        convert('custom', root, '--depth-scale', 1000, '--list', pairs)
    pairs.write_bytes(b'color/\xff.jpg\n')
    with pytest.raises(SampleError, match='pairs.txt: expected a list in UTF-8'):
        convert('custom', root, '--depth-scale', 1000, '--test-list', pairs)
    pairs.write_text('color/00009.jpg\n')
    with pytest.raises(SampleError, match='1 test images are not among the pairs.*00009'):
        convert('custom', root, '--depth-scale', 1000, '--test-list', pairs)


def test_real_frames_of_another_camera(tmp_path, convert, real_rgbd):
    root = real_rgbd / 'redwood'
    assert convert('custom', root, '--depth-scale', 1000, '--out', tmp_path) == 0
    assert len(names(tmp_path / 'train.txt')) == 4 and len(names(tmp_path / 'test.txt')) == 1


@pytest.mark.parametrize('option', ['--list', '--test-list'])
@pytest.mark.parametrize('ours', [False, True])
def test_lists_of_the_user_are_kept(tmp_path, convert, option, ours):
    root = mini_sets.make_custom(tmp_path)
    if ours:
        convert('custom', root, '--depth-scale', 1000)
    else:
        (root / 'train.txt').write_text('color/00001.jpg depth/00001.png\n')
    before = (root / 'train.txt').read_bytes()
    for path in (root / 'train.txt', root / 'color/../train.txt'):
        with pytest.raises(UserError, match='train.txt: would be written over the input'):
            convert('custom', root, '--depth-scale', 1000, option, path)
    if not ours:
        with pytest.raises(SampleError, match='train.txt: is there and is not of this converter'):
            convert('custom', root, '--depth-scale', 1000)
    assert (root / 'train.txt').read_bytes() == before


@pytest.mark.parametrize('name', ['test.txt', 'config.py', 'config_hrwsi.py'])
def test_changes_of_the_user_are_kept(tmp_path, convert, name):
    root = mini_sets.make_custom(tmp_path)
    convert('custom', root, '--depth-scale', 1000)
    path = root / name
    path.write_text(path.read_text() + '# mine\n')
    before = {path: path.read_bytes() for path in root.iterdir() if path.is_file()}
    with pytest.raises(SampleError, match=f'{name}: is there and was changed since'):
        convert('custom', root, '--depth-scale', 1000, '--test-fraction', 0.5)
    assert {path: path.read_bytes() for path in before} == before


def test_another_split_never_mixes_with_the_one_before(tmp_path, convert):
    root = mini_sets.make_custom(tmp_path, count=10)
    convert('custom', root, '--depth-scale', 1000, '--test-fraction', 0.6)
    with pytest.raises(SampleError, match='test.txt: lists 6 pairs, found 2 with --limit'):
        convert('custom', root, '--depth-scale', 1000, '--test-fraction', 0.2, '--limit', 10)
    assert not {*names(root / 'train.txt')} & {*names(root / 'test.txt')}
    assert convert('custom', root, '--depth-scale', 1000, '--test-fraction', 0.2) == 0
    assert not {*names(root / 'train.txt')} & {*names(root / 'test.txt')}


def test_lists_behind_a_link_lead_to_the_files(tmp_path, convert):
    root = mini_sets.make_custom(tmp_path / 'set')
    (tmp_path / 'disk/deep/data').mkdir(parents=True)
    (tmp_path / 'data').symlink_to(tmp_path / 'disk/deep/data')
    assert convert('custom', root, '--depth-scale', 1000, '--out', tmp_path / 'data/own') == 0
    for data_root in (tmp_path / 'data/own', tmp_path / 'disk/deep/data/own'):
        dataset = CustomDepthDataset('train.txt', data_root=str(data_root), depth_scale=1000)
        for key in ('img_path', 'depth_map_path'):
            assert Path(dataset.get_data_info(0)[key]).is_file()


@pytest.mark.parametrize('folder', ['#c', ' c', '#c d'])
def test_names_that_look_like_comments(tmp_path, convert, folder):
    root = mini_sets.make_custom(tmp_path)
    (root / 'color').rename(root / folder)
    (tmp_path / 'wanted.txt').write_text(f'./{folder}/00001.jpg\n')
    arguments = ('--color', f'{folder}/{{id}}.jpg', '--test-list', tmp_path / 'wanted.txt')
    assert convert('custom', root, '--depth-scale', 1000, *arguments) == 0
    cfg = Config.fromfile(root / 'config.py').train_dataloader.dataset.datasets.metric
    dataset = DATASETS.build(dict(cfg, pipeline=[]))
    assert len(dataset) == 5 and Path(dataset.get_data_info(4)['img_path']).is_file()


def test_a_name_with_a_line_break_is_refused(tmp_path, convert):
    root = mini_sets.make_custom(tmp_path)
    (root / 'color/00001.jpg').rename(root / 'color/a\nb.jpg')
    (root / 'depth/00001.png').rename(root / 'depth/a\nb.png')
    with pytest.raises(SampleError, match=r'color/a\\nb.jpg.*rename it'):
        convert('custom', root, '--depth-scale', 1000)
    assert not (root / 'train.txt').exists()


@pytest.mark.parametrize('template', ['color/{1}.jpg', 'color/{id}_{2}.jpg'])
def test_a_template_whose_field_is_no_name(tmp_path, convert, template):
    with pytest.raises(SampleError, match='expected fields such as {id}'):
        convert('custom', tmp_path, '--depth-scale', 1000, '--color', template)


@pytest.mark.parametrize(
    'argument',
    ['--max-depth=inf', '--max-depth=0', '--depth-scale=nan', '--limit=-1', '--workers=0'],
)
def test_numbers_that_make_no_sense_are_refused(tmp_path, convert, argument, capsys):
    with pytest.raises(SystemExit, match='2'):
        convert('custom', tmp_path, '--depth-scale', 1000, argument)
    assert f'argument {argument.split("=")[0]}: expected' in capsys.readouterr().err


def test_the_config_survives_a_move_of_the_package(tmp_path, convert, repo_root):
    root = mini_sets.make_custom(tmp_path)
    convert('custom', root, '--depth-scale', 1000, '--light', '--relative', tmp_path)
    text = (root / 'config.py').read_text()
    assert "_base_ = 'depthdecomp_mm::depthdecomp/custom_light.py'" in text
    assert str(repo_root) not in text
