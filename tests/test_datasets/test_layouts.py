"""Every data set in its own layout, made here or from real frames."""

import re

import numpy as np
import pytest

from depthdecomp_mm.datasets import (
    CustomDepthDataset,
    DIMLIndoorDataset,
    HRWSIDataset,
    KITTIDataset,
    NYUDataset,
    SUNRGBDDataset,
)

PIPELINE = [
    dict(type='depthdecomp_mm.LoadImageFromFile'),
    dict(type='depthdecomp_mm.LoadDepthAnnotation'),
]


@pytest.fixture
def nyu(write, image, millimetres):
    for number in (0, 7):
        write(f'kitchen_0028b/rgb_{number:05d}.jpg', image)
        write(f'kitchen_0028b/sync_depth_{number:05d}.png', millimetres + number)


@pytest.mark.parametrize('slash', ['', '/'])
def test_nyu_list(nyu, tmp_path, millimetres, slash):
    line = slash + 'kitchen_0028b/rgb_00007.jpg ' + slash + 'kitchen_0028b/sync_depth_00007.png 5.1'
    (tmp_path / 'list.txt').write_text(line + '\n')
    sample = NYUDataset('list.txt', data_root=str(tmp_path), pipeline=PIPELINE)[0]
    expected = (millimetres.astype(int) + 7) / 1000
    valid = (expected >= 1e-3) & (expected <= 10)
    assert np.array_equal(sample['gt_valid_mask'], valid)
    assert np.allclose(sample['gt_depth_map'], np.where(valid, expected, 0), rtol=1e-6)
    assert not valid[-1, -1]  # 10.006 m


def test_nyu_folders(nyu, tmp_path):
    dataset = NYUDataset(data_root=str(tmp_path))
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert [info['img_path'][-9:-4] for info in infos] == ['00000', '00007']
    assert [info['depth_map_path'][-9:-4] for info in infos] == ['00000', '00007']
    expected = dict(min_depth=1e-3, max_depth=10.0, eval_crop=None)
    assert dataset.metainfo == dict(dataset_type='nyu_v2', depth_unit='metre', **expected)


def test_hrwsi(write, tmp_path, image):
    disparity = image[..., 0]  # column 0 is zero disparity
    mask = (255 * (image[..., 1] > 30)).astype(np.uint8)
    write('val/imgs/2 b.jpg', image)
    write('val/gts/2 b.png', disparity)
    write('val/valid_masks/2 b.png', mask)
    sample = HRWSIDataset(split='val', data_root=str(tmp_path), pipeline=PIPELINE)[0]
    assert sample['label_type'] == 'relative'
    assert sample['min_depth'] is None and sample['max_depth'] is None
    assert np.array_equal(sample['gt_valid_mask'], mask > 0)
    assert np.array_equal(sample['gt_depth_map'], np.where(mask > 0, disparity, 0))


def test_diml(write, tmp_path, image, millimetres):
    for scene in ('12. Livingroom', '3. Study room'):
        for number in (1, 2):
            write(f'test/LR/{scene}/color/{number}_c.png', image)
            write(f'test/LR/{scene}/depth_filled/{number}_depth_filled.png', millimetres + number)
    dataset = DIMLIndoorDataset(
        split='test', resolution='LR', data_root=str(tmp_path), pipeline=PIPELINE
    )
    assert len(dataset) == 4
    for sample in dataset:
        scene, _, name = sample['img_path'].split('/')[-3:]
        number = int(name.split('_')[0])
        assert f'{scene}/depth_filled/{number}_depth_filled' in sample['depth_map_path']
        assert sample['gt_depth_map'][20, 20] == pytest.approx(
            (int(millimetres[20, 20]) + number) / 1000
        )
        assert np.array_equal(sample['img'], image)


def test_sunrgbd(write, tmp_path, image, millimetres):
    stored = ((millimetres << 3) | (millimetres >> 13)).astype(np.uint16)
    write('SUNRGBD/xtion/a/image/1.jpg', image)
    write('SUNRGBD/xtion/a/depth_bfx/1.png', stored)
    (tmp_path / 'l.txt').write_text('SUNRGBD/xtion/a/image/1.jpg SUNRGBD/xtion/a/depth_bfx/1.png')
    sample = SUNRGBDDataset('l.txt', data_root=str(tmp_path), pipeline=PIPELINE)[0]
    assert np.allclose(sample['gt_depth_map'], millimetres / 1000, rtol=1e-6)
    assert np.array_equal(sample['gt_valid_mask'], millimetres > 0)


def test_real_nyu_frames(real_rgbd):
    dataset = NYUDataset(data_root=str(real_rgbd / 'nyu_sync'), pipeline=PIPELINE)
    assert len(dataset) == 3
    for sample in dataset:
        assert sample['img'].shape == (480, 640, 3)
        assert 0.67 <= sample['gt_valid_mask'].mean() <= 0.751
        assert sample['gt_depth_map'].max() < 10


def test_real_sunrgbd_frame(real_rgbd, tmp_path):
    folder = real_rgbd / 'sunrgbd'
    (tmp_path / 'l.txt').write_text(f'{folder}/color.jpg\t{folder}/depth_bfx.png')
    sample = SUNRGBDDataset(str(tmp_path / 'l.txt'), pipeline=PIPELINE)[0]
    depth = sample['gt_depth_map']
    assert depth.max() == pytest.approx(9.87)
    assert np.median(depth) == pytest.approx(2.349)
    assert np.array_equal(sample['gt_valid_mask'], depth > 0)


def test_real_redwood_frames(real_rgbd):
    dataset = CustomDepthDataset(
        data_root=str(real_rgbd / 'redwood'),
        data_prefix=dict(img_path='color', depth_map_path='depth'),
        depth_scale=1000,
        pipeline=PIPELINE,
    )
    assert len(dataset) == 5
    for sample in dataset:
        depth = sample['gt_depth_map'][sample['gt_valid_mask']]
        assert 0.5 < np.median(depth) < 5


@pytest.mark.parametrize(
    ('dataset', 'arguments', 'words'),
    [
        (NYUDataset, dict(ann_file='nyu_51k_train.txt'), 'list file .*nyu_51k.*nyu_raw.py writes'),
        (NYUDataset, dict(ann_file='nyu_17k_train.txt'), 'nyu_raw.py writes it'),
        (NYUDataset, dict(ann_file='nyu_795_train.txt'), 'nyu_labeled.py writes it'),
        (NYUDataset, dict(ann_file='nyu_test.txt'), 'nyu_labeled.py writes it'),
        (NYUDataset, dict(ann_file='train.txt'), 'make_rooms.py writes it'),
        (SUNRGBDDataset, dict(ann_file='sunrgbd_test.txt'), 'sunrgbd.py checks'),
        (KITTIDataset, dict(ann_file='kitti_eigen_test.txt'), 'kitti.py checks'),
        (DIMLIndoorDataset, dict(ann_file='diml_indoor_test.txt'), 'diml_indoor.py checks'),
        (DIMLIndoorDataset, dict(), 'folder not found.*diml_indoor.py checks'),
        (HRWSIDataset, dict(), 'folder not found.*imgs .*hrwsi.py checks'),
        (CustomDepthDataset, dict(ann_file='test.txt', depth_scale=1), 'custom.py lists'),
    ],
)
def test_what_is_missing_is_named_with_what_makes_it(
    tmp_path, repo_root, dataset, arguments, words
):
    with pytest.raises(FileNotFoundError, match=words) as error:
        dataset(data_root=str(tmp_path), **arguments)
    tools = re.findall(r'tools/\S+\.py', str(error.value))
    assert tools and all((repo_root / tool).is_file() for tool in tools)


def test_images_alone(nyu, tmp_path, image):
    """Whatever lies beside them: from folders, and from a list with and without depth."""
    lines = ['kitchen_0028b/rgb_00000.jpg None', 'kitchen_0028b/rgb_00007.jpg no/such/depth.png']
    (tmp_path / 'list.txt').write_text('\n'.join(lines))
    for dataset in (
        NYUDataset('list.txt', data_root=str(tmp_path), label_type='none', pipeline=PIPELINE),
        HRWSIDataset(
            data_root=str(tmp_path),
            data_prefix=dict(img_path='kitchen_0028b'),
            label_type='none',
            pipeline=PIPELINE,
        ),
    ):
        assert len(dataset) == 2 and dataset.metainfo['depth_unit'] == 'unitless'
        sample = dataset[1]
        assert sample['img'].shape == image.shape and sample['depth_map_path'] is None
        for key in ('gt_depth_map', 'gt_valid_mask'):
            assert sample[key].shape == image.shape[:2] and not sample[key].any()
