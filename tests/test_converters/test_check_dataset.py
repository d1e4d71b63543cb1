"""The command that checks a config's data before a training."""

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from depthdecomp_mm.datasets.checking import check_datasets
from depthdecomp_mm.errors import ConfigError
from tests import mini_sets


def test_images_without_labels_are_told_apart(custom, check, tool, tmp_path):
    train = 'train_dataloader.dataset.datasets.relative'
    options = ('--cfg-options', f'{train}.label_type=none')
    status, output = check(custom / 'config_hrwsi.py', *options)
    assert status == 0
    assert 'train: HRWSIDataset, 4 of 4 images are good, no labels\n  nothing but a tea' in output
    arguments = [str(custom / 'config_hrwsi.py'), '--out-dir', str(tmp_path), '--number', '1']
    assert not tool('analysis_tools/browse_dataset').main([*arguments, *options])


def test_numbers_are_those_of_the_files(custom, check):
    stored = [cv2.imread(str(custom / f'depth/{i:05d}.png'), -1) / 1000 for i in range(5)]
    measured = np.concatenate([depth[depth > 0] for depth in stored])
    status, output = check(custom / 'config.py')
    assert status == 0
    assert 'train: CustomDepthDataset, 5 of 5 pairs are good, metric labels' in output
    assert 'val and test: CustomDepthDataset, 1 of 1 pairs are good' in output
    assert f'  depth {measured.min():.3f} to {measured.max():.3f} m; 1 %: ' in output
    shares = [100 * (depth > 0).mean() for depth in stored]
    assert f'  valid pixels {np.mean(shares):.1f} % ({min(shares):.1f} to ' in output


def test_quantiles_are_those_of_all_pixels(custom):
    train, _ = check_datasets(Config.fromfile(custom / 'config.py'))
    stored = [cv2.imread(str(custom / f'depth/{i:05d}.png'), -1) / 1000 for i in range(5)]
    for outcome, depth in zip(train.outcomes, stored, strict=True):
        expected = np.percentile(depth[depth > 0], [0, 25, 50, 100])
        np.testing.assert_allclose(outcome.quantiles[[0, 25, 50, 100]], expected, rtol=1e-5)


def test_relative_sets_are_told_apart(custom, check):
    status, output = check(custom / 'config_hrwsi.py')
    assert status == 0
    assert 'train: HRWSIDataset, 4 of 4 pairs are good, relative labels' in output
    assert '  disparity 4' in output and output.count('disparity') == 1


@pytest.mark.parametrize(
    ('damage', 'message'),
    [
        (lambda root: (root / 'color/00002.jpg').unlink(), '00002.jpg: file not found'),
        (lambda root: (root / 'depth/00002.png').unlink(), '00002.png: file not found'),
        (lambda root: (root / 'color/00002.jpg').write_text('no'), '00002.jpg: cannot be decoded'),
        (
            lambda root: (root / 'depth/00002.png').write_bytes(
                (root / 'depth/00002.png').read_bytes()[:600]
            ),
            '00002.png: truncated PNG',
        ),
        (
            lambda root: mini_sets.rewrite(root / 'depth/00002.png', lambda x: x[:-2]),
            '00002.png: found 46 x 64 (H x W), expected 48 x 64 as the image',
        ),
        (
            lambda root: mini_sets.rewrite(
                root / 'depth/00002.png', lambda x: (x // 100).astype(np.uint8)
            ),
            '00002.png: found 8-bit depth',
        ),
        (
            lambda root: mini_sets.rewrite(root / 'depth/00002.png', np.zeros_like),
            'no pixel is valid',
        ),
        (lambda root: (root / 'train.txt').unlink(), 'list file not found'),
        (lambda root: (root / 'train.txt').write_text('a.jpg\n'), 'train.txt, line 1: found 1'),
        (lambda root: (root / 'train.txt').write_text(''), 'no pair of image and depth map'),
    ],
)
def test_bad_files_are_named(custom, check, damage, message):
    damage(custom)
    status, output = check(custom / 'config.py')
    assert status == 1
    (line,) = [line for line in output.splitlines() if line.startswith('  ERROR')]
    assert message in line and str(custom) in line
    assert output.endswith('1 errors, 0 warnings\n')


def test_mask_of_another_size_is_named(custom, check, tmp_path):
    path = sorted((tmp_path / 'hrwsi/train/valid_masks').iterdir())[0]
    mini_sets.rewrite(path, lambda x: x[:, :-4])
    status, output = check(custom / 'config_hrwsi.py')
    assert status == 1
    assert f'ERROR: {path}: found 48 x 60' in output


@pytest.mark.parametrize(
    ('scale', 'message'),
    [
        (1, r'with depth scale 1, expected 0.3 to 10 m; a scale of 1000 would give'),
        (100000, r'with depth scale 100000, expected 0.3 to 10 m; a scale of 1000 would give'),
    ],
)
def test_implausible_scale_names_the_one_that_mends_it(custom, check, scale, message):
    options = [f'{part}_dataloader.dataset.depth_scale={scale}' for part in ('train', 'val')]
    status, output = check(custom / 'config.py', '--cfg-options', *options)
    assert status == 1
    assert message in output


def test_median_beyond_the_configured_maximum_is_an_error(custom, check):
    option = 'train_dataloader.dataset.datasets.metric.max_depth=1.5'
    status, output = check(custom / 'config.py', '--cfg-options', option)
    assert status == 1
    assert 'expected 0.3 to 1.5 m' in output
    assert "WARNING: max_depth is 1.5 m, but {'model': 10.0" in output


def test_one_frame_of_another_scale_is_a_warning(custom, check):
    mini_sets.rewrite(custom / 'depth/00001.png', lambda x: x * 10)
    status, output = check(custom / 'config.py')
    assert status == 0
    assert f'WARNING: {custom}/depth/00001.png: median depth' in output
    assert f'WARNING: {custom}/depth/00001.png: no pixel from min_depth' in output


def test_images_of_training_and_test_must_differ(custom, check):
    (custom / 'color/00005.jpg').write_bytes((custom / 'color/00003.jpg').read_bytes())
    status, output = check(custom / 'config.py')
    message = f'{custom}/color/00005.jpg: has the content of {custom}/color/00003.jpg, used for'
    assert status == 1 and f'ERROR: {message}' in output
    (custom / 'test.txt').write_text((custom / 'train.txt').read_text())
    status, output = check(custom / 'config.py')
    assert status == 1
    assert f'ERROR: {custom}/color/00000.jpg and 4 others: is used for training, too' in output
    status, output = check(custom / 'config.py', '--allow-duplicates')
    assert status == 0 and 'WARNING' in output


def test_a_link_is_the_file_it_leads_to(custom, check):
    path = custom / 'color/00005.jpg'
    path.unlink()
    path.symlink_to('00003.jpg')
    assert f'{path}: is used for training, too' in check(custom / 'config.py')[1]


def test_what_cannot_be_built_is_an_error_of_its_set(custom, check, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        f"""_base_ = {str(custom / 'config.py')!r}
train_dataloader = dict(dataset=dict(datasets=dict(metric=dict(dept_scale=1))))
val_dataloader = dict(dataset=dict(type='NoDataset'))
test_dataloader = dict(dataset=dict(indices=9))
test_evaluator = dict(_delete_=True, type='DepthMetric')
"""
    )
    status, output = check(config)
    assert status == 1
    assert 'train: CustomDepthDataset, 0 of 0 pairs are good' in output
    assert "unexpected keyword argument 'dept_scale'" in output
    assert 'ERROR: cannot be built: ' in output and 'NoDataset' in output
    assert 'indices=9, but there are 1 pairs' in output


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('model = dict()', 'no data to check: expected one of train_dataloader, val_dataloader'),
        ('train_dataloader = dict(batch_size=1)', 'train_dataloader.dataset: expected the config'),
        ('train_dataloader = 3', 'train_dataloader.dataset: expected the config'),
    ],
)
def test_a_config_without_data_is_no_good_one(tmp_path, check, content, message):
    config = tmp_path / 'config.py'
    config.write_text(content)
    with pytest.raises(ConfigError, match=message):
        check(config)


@pytest.mark.parametrize('argument', ['--show=-1', '--workers=0'])
def test_numbers_that_make_no_sense_are_refused(custom, check, argument, capsys):
    with pytest.raises(SystemExit, match='2'):
        check(custom / 'config.py', argument)
    assert f'argument {argument.split("=")[0]}: expected at least 1' in capsys.readouterr().err
