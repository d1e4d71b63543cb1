"""The labelled file of NYUv2, in miniature."""

import os
import subprocess
import sys

import cv2
import h5py
import numpy as np
import pytest
from scipy.io import savemat

from depthdecomp_mm.datasets import NYUDataset, SampleError
from tests import mini_sets


@pytest.fixture(scope='module')
def labeled(tmp_path_factory):
    return mini_sets.make_nyu_labeled(tmp_path_factory.mktemp('labeled'), train=2, test=1)


def read(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_training_depth_is_filled_and_test_depth_raw(tmp_path, convert, labeled, capsys):
    assert convert('nyu_labeled', *labeled, '--out', tmp_path) == 0
    train, test = (
        tmp_path / 'official_splits/train/kitchen',
        tmp_path / 'official_splits/test/office',
    )
    for folder, index in ((train, 0), (test, 1), (train, 2)):
        image, depth = mini_sets.scene(index, mini_sets.FULL)
        expected = mini_sets.with_holes(depth, index) if folder == test else depth
        assert (read(folder / f'rgb_{index:05d}.png') == image).all()
        stored = read(folder / f'sync_depth_{index:05d}.png')
        assert (stored == mini_sets.millimetres(expected.astype(np.float32))).all()
    assert 'train: 2 pairs (0 of an earlier run), 0 missing' in capsys.readouterr().out

    for name, count in (('nyu_795_train.txt', 2), ('nyu_test.txt', 1)):
        dataset = NYUDataset(name, data_root=str(tmp_path))
        assert len(dataset) == count
        assert cv2.imread(dataset.get_data_info(0)['img_path']).shape == (480, 640, 3)


def test_refilling_keeps_what_was_measured(tmp_path, convert, labeled):
    assert convert('nyu_labeled', *labeled, '--out', tmp_path, '--refill', '--limit', 1) == 0
    depth = mini_sets.with_holes(mini_sets.scene(0, mini_sets.FULL)[1], 0)
    raw = mini_sets.millimetres(depth.astype(np.float32))
    stored = read(tmp_path / 'official_splits/train/kitchen/sync_depth_00000.png')
    assert (stored > 0).all()
    assert (stored[raw > 0] == raw[raw > 0]).all()


def test_finished_pairs_are_kept_and_damaged_ones_written_anew(tmp_path, convert, labeled, capsys):
    arguments = ('nyu_labeled', *labeled, '--out', tmp_path)
    convert(*arguments)
    depth = sorted(tmp_path.rglob('sync_depth_*.png'))
    whole = [path.read_bytes() for path in depth]
    depth[0].write_bytes(whole[0][:1000])
    depth[1].unlink()
    before = depth[2].stat().st_mtime_ns
    capsys.readouterr()
    assert convert(*arguments) == 0
    assert [path.read_bytes() for path in depth] == whole
    assert depth[2].stat().st_mtime_ns == before
    output = capsys.readouterr().out
    assert output.count('(1 of an earlier run)') + output.count('(0 of an earlier run)') == 2


def test_other_options_need_another_folder(tmp_path, convert, labeled):
    convert('nyu_labeled', *labeled, '--out', tmp_path, '--limit', 1)
    with pytest.raises(SampleError, match='nyu_labeled_record.json'):
        convert('nyu_labeled', *labeled, '--out', tmp_path, '--limit', 1, '--refill')


def set_scene_types(path, *names):
    with h5py.File(path, 'r+') as file:
        del file['sceneTypes']
        references = file.create_dataset('sceneTypes', (1, len(names)), dtype=h5py.ref_dtype)
        for i, name in enumerate(names):
            characters = np.array([[ord(c)] for c in name], np.uint16)
            references[0, i] = file.create_dataset(f'#refs#/new{i}', data=characters).ref


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def drop_scenes(path):
    with h5py.File(path, 'r+') as file:
        del file['scenes']


@pytest.mark.parametrize(
    ('damage', 'message'),
    [
        (lambda path: savemat(path, {'a': 1}), 'not an HDF5 file.*MATLAB 5.0'),
        (lambda path: path.write_text('<html>not found</html>'), 'not an HDF5 file.*<html>'),
        (cut, 'damaged or cut off'),
        (drop_scenes, 'has no scenes'),
        (lambda path: set_scene_types(path, 'a', 'b'), 'found 2 sceneTypes, expected .* 3 images'),
    ],
)
def test_bad_labeled_file_is_named_and_nothing_written(tmp_path, convert, labeled, damage, message):
    mat = tmp_path / 'some.mat'
    mat.write_bytes(labeled[0].read_bytes())
    damage(mat)
    with pytest.raises(SampleError, match=message) as error:
        convert('nyu_labeled', mat, labeled[1], '--out', tmp_path / 'out')
    assert str(mat) in str(error.value)
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize('name', ['../../../pwned', '/pwned/..', 'a\nb.png c.png'])
def test_a_scene_type_that_is_no_folder_name(tmp_path, convert, labeled, name):
    mat = tmp_path / 'some.mat'
    mat.write_bytes(labeled[0].read_bytes())
    set_scene_types(mat, 'a', name, 'b')
    with pytest.raises(SampleError, match='expected a printable path below'):
        convert('nyu_labeled', mat, labeled[1], '--out', tmp_path / 'deep/in/out')
    assert [path.name for path in tmp_path.iterdir()] == ['some.mat']


def test_files_of_another_origin_are_kept(tmp_path, convert, labeled):
    """Such as those of the synchronised set, which have the same names."""
    theirs = tmp_path / 'official_splits/train/kitchen/sync_depth_00000.png'
    theirs.parent.mkdir(parents=True)
    theirs.write_text('theirs')
    with pytest.raises(SampleError, match='sync_depth_00000.png: is there and not of this'):
        convert('nyu_labeled', *labeled, '--out', tmp_path)
    assert theirs.read_text() == 'theirs'
    assert [path.name for path in tmp_path.iterdir()] == ['official_splits']


def test_images_as_the_authors_tested_on(tmp_path, convert, labeled):
    """Black outside of rows 7 to 473 and columns 7 to 631, in JPEG, as BTS's script makes them."""
    assert convert('nyu_labeled', *labeled, '--out', tmp_path, '--bts-frame', '--limit', 1) == 0
    image, expected = mini_sets.scene(1, mini_sets.FULL)[0], np.zeros((480, 640, 3), np.uint8)
    expected[7:474, 7:632, :] = image[7:474, 7:632, :]
    stored = tmp_path / 'official_splits/test/office/rgb_00001.jpg'
    assert stored.read_bytes() == cv2.imencode('.jpg', expected)[1].tobytes()
    with pytest.raises(SampleError, match='nyu_labeled_record.json'):
        convert('nyu_labeled', *labeled, '--out', tmp_path, '--image-format', 'jpg')


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ({'trainNdxs': [[1], [2]], 'testNdxs': [[4]]}, '1 to 4.*1 to 3'),
        ({'trainNdxs': [[1], [2]], 'testNdxs': [[2]]}, '1 of them double'),
        ({'trainNdxs': [[1], [2]]}, 'has no testNdxs'),
        (None, 'not a MATLAB'),
    ],
)
def test_bad_splits_are_named(tmp_path, convert, labeled, content, message):
    splits = tmp_path / 'splits.mat'
    splits.write_bytes(b'nothing') if content is None else savemat(splits, content)
    with pytest.raises(SampleError, match=f'splits.mat.*{message}'):
        convert('nyu_labeled', labeled[0], splits, '--out', tmp_path / 'out')


def test_missing_h5py_says_how_to_install_it(tmp_path, convert, labeled, monkeypatch):
    monkeypatch.setitem(sys.modules, 'h5py', None)
    with pytest.raises(ImportError, match=r'pip install depthdecomp_mm\[converters\]'):
        convert('nyu_labeled', *labeled, '--out', tmp_path)


PEAK = """
import re, runpy, sys

def peak():
    return int(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])

main = runpy.run_path('tools/dataset_converters/nyu_labeled.py', run_name='converter')['main']
before = peak()
print(main(sys.argv[1:]), before, peak())
"""


@pytest.mark.skipif(sys.platform != 'linux', reason='reads /proc')
def test_a_file_of_the_true_size_is_read_image_by_image(tmp_path, repo_root):
    """The arrays hold 4.9 GB, of which the file stores nothing but their constant values."""
    mat, splits = mini_sets.make_nyu_labeled(tmp_path, train=1, test=1)
    count, names = 1449, ('images', 'depths', 'rawDepths', 'scenes', 'sceneTypes')
    with h5py.File(mat, 'r+') as file:
        for name, value in zip(names, (100, 2.0, 2.0, None, None), strict=True):
            old = file[name]
            if value is None:
                references = [old[0, 0]] * count
                del file[name]
                file.create_dataset(name, data=[references], dtype=h5py.ref_dtype)
            else:
                shape, dtype = (count, *old.shape[1:]), old.dtype
                del file[name]
                file.create_dataset(name, shape, dtype, fillvalue=value)
    arguments = [mat, splits, '--out', tmp_path / 'out', '--workers', '1']
    result = subprocess.run(
        [sys.executable, '-c', PEAK, *map(str, arguments)],
        cwd=repo_root,
        env={**os.environ, 'PYTHONPATH': str(repo_root)},
        capture_output=True,
        text=True,
    )
    status, before, after = map(int, result.stdout.split()[-3:])
    assert status == 0, result.stderr
    assert after - before < 100_000  # kilobytes; importing torch takes the most of the rest
