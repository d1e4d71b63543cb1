"""KITTI: Eigen's split from the raw and the annotated download."""

import shutil

import cv2
import numpy as np
import pytest

from depthdecomp_mm.datasets import KITTIDataset
from depthdecomp_mm.datasets.converters.kitti import TEST_DRIVES, Frame, parse_frame
from tests import mini_sets

LOAD = [
    dict(type='depthdecomp_mm.LoadImageFromFile'),
    dict(type='depthdecomp_mm.LoadDepthAnnotation'),
]
TRUTH = 'proj_depth/groundtruth/image_02'


@pytest.fixture
def kitti(tmp_path, convert):
    """The miniature download, and what converts it."""
    raw, annotated, tests = mini_sets.make_kitti(tmp_path)

    def run(*arguments):
        arguments = ('--out', tmp_path, '--partial', '--test-list', tests, *arguments)
        return convert('kitti', raw, annotated, *arguments)

    return run


def lines(root, part):
    return (root / f'kitti_eigen_{part}.txt').read_text().splitlines()


def test_lists(kitti, tmp_path, capsys):
    assert kitti() == 0
    assert lines(tmp_path, 'train') == [
        f'raw/2011_09_26/2011_09_26_drive_0001_sync/image_02/data/0000000005.png '
        f'annotated/train/2011_09_26_drive_0001_sync/{TRUTH}/0000000005.png 721.5377',
        f'raw/2011_09_29/2011_09_29_drive_0004_sync/image_02/data/0000000007.png '
        f'annotated/train/2011_09_29_drive_0004_sync/{TRUTH}/0000000007.png 721.5377',
    ]
    assert lines(tmp_path, 'test') == [
        f'raw/2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png '
        f'annotated/val/2011_09_26_drive_0002_sync/{TRUTH}/0000000069.png 721.5377',
    ]
    output = capsys.readouterr().out
    assert 'test: 1 of 2 frames have no annotated depth' in output
    assert 'train: 2 pairs' in output and 'test: 1 pairs' in output


def test_a_list_that_the_user_has(kitti, tmp_path):
    mine = tmp_path / 'mine.txt'
    mine.write_text('2011_09_29/2011_09_29_drive_0004_sync 7 l\n')
    assert kitti('--train-list', mine) == 0
    (line,) = lines(tmp_path, 'train')
    assert line.startswith('raw/2011_09_29/2011_09_29_drive_0004_sync/image_02/data/0000000007')


def test_the_right_camera(kitti, tmp_path):
    source = tmp_path / 'raw/2011_09_29/2011_09_29_drive_0004_sync'
    shutil.copytree(source / 'image_02', source / 'image_03')
    calibration = source.parent / 'calib_cam_to_cam.txt'
    calibration.write_text(calibration.read_text() + 'P_rect_03: 7.0e+02 0.0\n')
    mine = tmp_path / 'mine.txt'
    mine.write_text('2011_09_29/2011_09_29_drive_0004_sync 7 r\n')
    assert kitti('--train-list', mine) == 0
    (line,) = lines(tmp_path, 'train')
    assert line.count('image_03') == 2 and line.endswith(' 700.0')


def test_images_may_be_jpeg_and_calibrations_absent(kitti, tmp_path):
    for path in tmp_path.glob('raw/*/*/*/data/*.png'):
        mini_sets.write_image(path.with_suffix('.jpg'), cv2.imread(str(path)))
        path.unlink()
    for path in tmp_path.glob('raw/*/calib_cam_to_cam.txt'):
        path.unlink()
    assert kitti() == 0
    assert all(len(line.split()) == 2 and '.jpg ' in line for line in lines(tmp_path, 'train'))


def test_what_is_missing_is_named(kitti, tmp_path, capsys):
    next(tmp_path.glob('raw/2011_09_29/*/image_02/data/*7.png')).unlink()
    shutil.rmtree(tmp_path / 'annotated/val')
    assert kitti() == 1
    output = capsys.readouterr().out
    assert '0000000007.png: file not found' in output
    assert '2011_09_26_drive_0002_sync: not in the annotated download' in output


def test_the_whole_split_has_652_test_frames(tmp_path, convert, capsys):
    raw, annotated, tests = mini_sets.make_kitti(tmp_path)
    assert convert('kitti', raw, annotated, '--out', tmp_path, '--test-list', tests) == 1
    assert 'the whole set has 652 pairs' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        ('2011_09_26/2011_09_26_drive_0002_sync 69 l', 'of test scenes'),
        ('image.png depth.png', 'mine.txt, line 1: found'),
    ],
)
def test_bad_training_lists_are_refused(kitti, tmp_path, line, message):
    mine = tmp_path / 'mine.txt'
    mine.write_text(f'{line}\n')
    with pytest.raises(Exception, match=message):
        kitti('--train-list', mine)


def test_a_folder_without_drives_is_named(kitti, tmp_path):
    shutil.rmtree(tmp_path / 'annotated')
    with pytest.raises(Exception, match='annotated: found no drives'):
        kitti()


@pytest.mark.parametrize(
    'line',
    [
        '2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.png None 721.5377',
        '2011_09_26_drive_0002_sync/image_02/data/0000000069.png a/b.png 721.5377',
        '/2011_09_26/2011_09_26_drive_0002_sync/image_02/data/0000000069.jpg',
        '2011_09_26/2011_09_26_drive_0002_sync 0000000069 l',
    ],
)
def test_forms_of_lists(line):
    assert parse_frame(line) == Frame('2011_09_26_drive_0002_sync', 'image_02', '0000000069')


def test_eigens_test_scenes():
    assert len(TEST_DRIVES) == 28
    assert {'2011_09_26_drive_0117_sync', '2011_10_03_drive_0047_sync'} < TEST_DRIVES


def test_depth_in_metres_up_to_80(kitti, tmp_path):
    kitti()
    dataset = KITTIDataset('kitti_eigen_train.txt', data_root=str(tmp_path), pipeline=LOAD)
    sample = dataset[0]
    expected = mini_sets.lidar(mini_sets.scene(0, (38, 124))[1], 0)
    np.testing.assert_allclose(sample['gt_depth_map'], expected, atol=1 / 512)
    assert sample['sparse'] and 0.1 < sample['gt_valid_mask'].mean() < 0.2
    assert dataset.metainfo['max_depth'] == 80


@pytest.mark.parametrize('date', ['2011_09_26/', '/2011_09_26/', ''])
def test_lists_of_bts(tmp_path, date):
    """Both parts of the annotated download in one folder, as BTS asks for."""
    mini_sets.make_kitti(tmp_path)
    shutil.copytree(tmp_path / 'annotated/train', tmp_path / 'depth')
    drive = '2011_09_26_drive_0001_sync'
    (tmp_path / 'bts.txt').write_text(
        f'{date}{drive}/image_02/data/0000000005.png {drive}/{TRUTH}/0000000005.png 721.5377\n'
    )
    prefix = dict(img_path='raw', depth_map_path='depth')
    dataset = KITTIDataset('bts.txt', data_prefix=prefix, data_root=str(tmp_path), pipeline=LOAD)
    assert dataset[0]['gt_valid_mask'].any()
