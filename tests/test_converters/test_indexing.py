"""HR-WSI, DIML-Indoor and SUN RGB-D: sets that are verified where they lie."""

import shutil

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from depthdecomp_mm.datasets import (
    CustomDepthDataset,
    DIMLIndoorDataset,
    HRWSIDataset,
    SampleError,
    SUNRGBDDataset,
)
from tests import mini_sets


def truncate(path):
    path.write_bytes(path.read_bytes()[:-30])


def test_hrwsi(tmp_path, convert, capsys):
    root = mini_sets.make_hrwsi(tmp_path)
    assert convert('hrwsi', root, '--partial') == 0
    rows = [line.split('\t') for line in (root / 'hrwsi_train.txt').read_text().splitlines()]
    dataset = HRWSIDataset(data_root=str(root))
    keys = ('img_path', 'depth_map_path', 'valid_mask_path')
    assert [[str(root / path) for path in row] for row in rows] == [
        [dataset.get_data_info(i)[key] for key in keys] for i in range(4)
    ]
    assert 'train: 4 pairs (0 of an earlier run), 0 missing' in capsys.readouterr().out


def test_hrwsi_knows_the_size_of_the_whole_set(tmp_path, convert, capsys):
    assert convert('hrwsi', mini_sets.make_hrwsi(tmp_path)) == 1
    assert 'the whole set has 20378 pairs' in capsys.readouterr().out


def test_hrwsi_tells_what_is_wrong(tmp_path, convert, capsys):
    root = mini_sets.make_hrwsi(tmp_path, train=6)
    files = {
        kind: sorted((root / 'train' / kind).iterdir()) for kind in ('imgs', 'gts', 'valid_masks')
    }
    files['imgs'][0].unlink()
    files['valid_masks'][1].unlink()
    truncate(files['gts'][2])
    mini_sets.write_image(files['valid_masks'][3], np.full((10, 10), 255, np.uint8))
    (root / 'train/gts/extra.png').write_bytes(files['gts'][4].read_bytes())
    assert convert('hrwsi', root, '--partial') == 1
    output = capsys.readouterr().out
    assert 'train: 2 pairs (0 of an earlier run), 5 missing' in output
    assert f'{files["gts"][0]}: has no partner in imgs' in output
    assert f'{files["imgs"][1]}: has no partner in valid_masks' in output
    assert f'{files["gts"][2]}: truncated PNG' in output
    assert f'{files["valid_masks"][3]}: found 10 x 10' in output
    assert 'extra.png: has no partner in imgs, valid_masks' in output
    listed = (root / 'hrwsi_train.txt').read_text().splitlines()
    assert [line.split('\t')[0] for line in listed] == [
        f'train/imgs/{p.name}' for p in files['imgs'][4:]
    ]


@pytest.mark.parametrize('resolution', ['HR', 'LR'])
def test_diml_indoor(tmp_path, convert, resolution):
    root, out = mini_sets.make_diml_indoor(tmp_path / 'set'), tmp_path / 'lists'
    arguments = ('--partial', '--out', out, '--resolution', resolution)
    assert convert('diml_indoor', root, *arguments) == 0
    listed = DIMLIndoorDataset('diml_indoor_train.txt', data_root=str(out))
    found = DIMLIndoorDataset(split='train', resolution=resolution, data_root=str(root))
    assert len(listed) == len(found) == 4
    for i in range(4):
        for key in ('img_path', 'depth_map_path'):
            path = listed.get_data_info(i)[key]
            assert '/../set/train/' in path
            assert (root / found.get_data_info(i)[key]).samefile(path)


def test_diml_indoor_tells_what_is_wrong(tmp_path, convert, capsys):
    root = mini_sets.make_diml_indoor(tmp_path)
    scene = root / 'train/HR/12. Livingroom'
    (scene / 'color/000002_c.png').unlink()
    eight = scene / 'depth_filled/000001_depth_filled.png'
    mini_sets.write_image(eight, np.full(mini_sets.SMALL, 200, np.uint8))
    assert convert('diml_indoor', root, '--partial') == 1
    output = capsys.readouterr().out
    assert 'train: 2 pairs (0 of an earlier run), 2 missing' in output
    assert '12. Livingroom/depth_filled/000002_depth_filled.png: has no partner in color' in output
    assert f'{eight}: found 8-bit depth' in output


def test_implausible_depth_stops_before_lists_are_written(tmp_path, convert):
    root = mini_sets.make_diml_indoor(tmp_path)
    for path in root.rglob('*_filled.png'):
        mini_sets.write_image(path, cv2.imread(str(path), -1) // 100)
    with pytest.raises(SampleError, match='_depth_filled.png.*scale of 10 would give'):
        convert('diml_indoor', root, '--partial')
    assert not list(root.glob('*.txt'))


def test_sunrgbd(tmp_path, convert):
    root = mini_sets.make_sunrgbd(tmp_path)
    assert convert('sunrgbd', root) == 0
    for part, samples in mini_sets.SUNRGBD_SAMPLES.items():
        dataset = SUNRGBDDataset(f'sunrgbd_{part}.txt', data_root=str(root))
        paths = [dataset.get_data_info(i)['depth_map_path'] for i in range(len(dataset))]
        assert len(paths) == len(samples)
        assert all(f'/SUNRGBD/{s}/depth_bfx/' in p for s, p in zip(samples, paths, strict=True))


def test_sunrgbd_tells_what_is_wrong(tmp_path, convert, capsys):
    root = mini_sets.make_sunrgbd(tmp_path)
    samples = [root / 'SUNRGBD' / sample for sample in mini_sets.SUNRGBD_SAMPLES['train']]
    shutil.rmtree(samples[0])
    (samples[1] / 'image/second.jpg').write_bytes(b'')
    assert convert('sunrgbd', root) == 1
    output = capsys.readouterr().out
    assert 'train: 1 pairs (0 of an earlier run), 2 missing' in output
    assert f'{samples[0]}/image: found []' in output
    assert f'{samples[1]}/image: found' in output and 'second.jpg' in output


@pytest.mark.parametrize(
    ('write', 'message'),
    [
        (lambda path: path.write_text('no'), 'not a MATLAB'),
        (lambda path: savemat(path, {'alltrain': 1}), 'has no alltest'),
        (
            lambda path: savemat(
                path, {k: np.array([['/other/x']], dtype=object) for k in ('alltrain', 'alltest')}
            ),
            "'/other/x', expected",
        ),
    ],
)
def test_bad_split_is_named(tmp_path, convert, write, message):
    root = mini_sets.make_sunrgbd(tmp_path)
    path = root / 'SUNRGBDtoolbox/traintestSUNRGBD/allsplit.mat'
    write(path)
    with pytest.raises(SampleError, match=f'allsplit.mat.*{message}'):
        convert('sunrgbd', root)


def test_real_frame_of_sunrgbd(tmp_path, convert, real_rgbd, capsys):
    root = mini_sets.make_sunrgbd(tmp_path)
    for sample in mini_sets.SUNRGBD_SAMPLES['train']:
        for kind, name in (('image', 'color.jpg'), ('depth_bfx', 'depth_bfx.png')):
            old = next((root / 'SUNRGBD' / sample / kind).iterdir())
            shutil.copy(real_rgbd / 'sunrgbd' / name, old)
    assert convert('sunrgbd', root) == 0
    assert ' to 9.870 m' in capsys.readouterr().out.partition('test:')[0]


def test_lists_serve_any_data_set_class(tmp_path, convert):
    root = mini_sets.make_diml_indoor(tmp_path)
    convert('diml_indoor', root, '--partial')
    dataset = CustomDepthDataset('diml_indoor_test.txt', data_root=str(root), depth_scale=1000)
    assert dataset.get_data_info(0)['img_path'] == f'{root}/test/HR/7. Cafe/color/000001_c.png'
