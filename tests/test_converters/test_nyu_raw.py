"""The raw dump of NYUv2, in miniature."""

import cv2
import numpy as np
import pytest

from depthdecomp_mm.datasets import NYUDataset, SampleError
from depthdecomp_mm.datasets.converters.nyu_raw import (
    is_training_scene,
    pair_frames,
    sample_uniformly,
)
from tests import mini_sets


@pytest.fixture(scope='module')
def labeled(tmp_path_factory):
    mat, splits = mini_sets.make_nyu_labeled(tmp_path_factory.mktemp('labeled'), train=1, test=1)
    return ['--labeled', mat, '--splits', splits]


@pytest.fixture
def dump(tmp_path):
    return mini_sets.make_nyu_raw(tmp_path / 'raw')


def test_training_scenes_are_converted_and_filled(tmp_path, convert, labeled, dump):
    out = tmp_path / 'out'
    assert convert('nyu_raw', dump, *labeled, '--out', out, '--num', 2) == 0
    dataset = NYUDataset('nyu_2_train.txt', data_root=str(out))
    times = [path.stem.removeprefix('r-') for path in sorted((dump / 'kitchen_0001').glob('r-*'))]
    for i, time in enumerate((times[0], times[2])):
        info = dataset.get_data_info(i)
        assert info['img_path'] == f'{out}/kitchen_0001/rgb_{time}.jpg'
        assert info['depth_map_path'] == f'{out}/kitchen_0001/sync_depth_{time}.png'
        stored = cv2.imread(info['depth_map_path'], -1) / 1000
        assert stored.min() > 1 and stored.max() < 6.2
    assert not list(out.glob('office*'))
    assert (out / 'nyu_2_skipped.txt').read_text() == ''


@pytest.mark.parametrize(
    ('num', 'name'), [(51000, 'nyu_51k'), (17000, 'nyu_17k'), (500, 'nyu_500'), (0, 'nyu_all')]
)
def test_lists_have_the_names_that_the_configs_use(tool, num, name):
    assert tool('dataset_converters/nyu_raw').list_name(num) == name


def test_byte_order_changes_nothing(tmp_path, convert, labeled):
    files = []
    for name, order in (('little', '<'), ('big', '>')):
        raw = mini_sets.make_nyu_raw(tmp_path / name, frames=1, order=order)
        arguments = ('--out', tmp_path / f'{name}_out', '--num', 1, '--fill', 'no')
        assert convert('nyu_raw', raw, *labeled, *arguments) == 0
        (depth,) = (tmp_path / f'{name}_out/kitchen_0001').glob('sync_depth_*.png')
        files.append(depth.read_bytes())
    assert files[0] == files[1]


def test_bad_files_are_skipped_counted_and_listed(tmp_path, convert, labeled, dump, capsys):
    colors, depths = (sorted((dump / 'kitchen_0001').glob(f'{k}-*')) for k in 'rd')
    colors[0].write_bytes(b'')
    depths[1].write_bytes(depths[1].read_bytes()[:1000])
    content = bytearray(depths[2].read_bytes())
    content[-2:] = b'\x99\x99'
    depths[2].write_bytes(content)
    out = tmp_path / 'out'
    arguments = ('--out', out, '--num', 0, '--fill', 'no', '--max-gap', 0.03)
    assert convert('nyu_raw', dump, *labeled, *arguments) == 0
    skipped = (out / 'nyu_all_skipped.txt').read_text().splitlines()
    assert len(skipped) == 4
    assert [sum(str(path) in line for line in skipped) for path in (colors[0], colors[1])] == [1, 1]
    assert [sum(str(path) in line for line in skipped) for path in depths[1:3]] == [1, 1]
    lines = (out / 'nyu_all_train.txt').read_text().splitlines()
    time = colors[3].stem.removeprefix('r-')
    assert [line.split()[0] for line in lines] == [f'kitchen_0001/rgb_{time}.jpg']
    assert '4 files or frames skipped' in capsys.readouterr().out


def test_too_few_frames_are_an_error_before_anything_is_written(tmp_path, convert, labeled, dump):
    with pytest.raises(SampleError, match='found 4 whole pairs.*--num 51000'):
        convert('nyu_raw', dump, *labeled, '--out', tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_missing_scenes_are_told(tmp_path, convert, dump, capsys):
    mat, splits = mini_sets.make_nyu_labeled(tmp_path / 'labeled', train=1, test=1)
    (dump / 'kitchen_0001').rename(dump / 'kitchen_0001b')
    labeled = ['--labeled', mat, '--splits', splits]
    arguments = ('--out', tmp_path / 'out', '--num', 1, '--fill', 'no')
    assert convert('nyu_raw', dump, *labeled, *arguments) == 1
    assert '1 training scenes missing: kitchen_0001' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('scene', 'expected'),
    [
        ('kitchen_0001', True),
        ('kitchen_0001b', True),
        ('cafe_0001a', True),
        ('cafe_0001b', False),
        ('cafe_0001c', False),
        ('bedroom_0009', False),
        ('office_1', True),
        ('office_10', False),
    ],
)
def test_test_places_are_left_out(scene, expected):
    train = {'kitchen_0001', 'cafe_0001a', 'office_1'}
    assert is_training_scene(scene, train, {'cafe_0001b'}) is expected


def test_colour_is_paired_with_the_depth_nearest_in_time(tmp_path):
    rng = np.random.default_rng(0)
    times = {
        kind: np.sort(rng.uniform(1e9, 1e9 + 2, count)) for kind, count in (('r', 20), ('d', 15))
    }
    for kind, suffix, size in (('r', 'ppm', 921615), ('d', 'pgm', 614417)):
        for i, time in enumerate(times[kind]):
            # The ticks wrap around: they do not tell the order.
            with (tmp_path / f'{kind}-{time:.6f}-{999 - i}.{suffix}').open('wb') as file:
                file.truncate(size)
    pairs, problems = pair_frames('scene', tmp_path, max_gap=0.05)
    expected = {}
    for time in times['r']:
        gaps = sorted((abs(other - time), f'd-{other:.6f}') for other in times['d'])
        if gaps[0][0] <= 0.05:
            expected[f'r-{time:.6f}'] = gaps[0][1]
    found = [[path.name.rsplit('-', 1)[0] for path in (pair.color, pair.depth)] for pair in pairs]
    assert dict(found) == expected
    assert len(problems) == 20 - len(expected) > 0


@pytest.mark.parametrize(
    ('count', 'wanted'), [(120_000, 51_000), (120_000, 17_000), (7, 7), (5, 1)]
)
def test_sampling_is_uniform(count, wanted):
    indices = sample_uniformly(count, wanted)
    gaps = np.diff(np.append(indices, count + indices[0]))
    assert len(indices) == wanted and indices[0] == 0 and indices[-1] < count
    assert gaps.min() >= count // wanted and gaps.max() <= -(-count // wanted)


def test_frames_that_come_later_are_converted_and_change_no_other(tmp_path, convert, labeled, dump):
    """A frame that was missing at first, and a depth frame nearer to a colour frame."""
    colors, depths = (sorted((dump / 'kitchen_0001').glob(f'{k}-*')) for k in 'rd')
    for path in (colors[1], depths[2]):
        path.rename(tmp_path / path.name)
    out = tmp_path / 'out'
    arguments = ('nyu_raw', dump, *labeled, '--out', out, '--num', 0, '--fill', 'no')
    assert convert(*arguments) == 0
    before = {path: path.stat().st_mtime_ns for path in out.rglob('rgb_*')}
    for path in (colors[1], depths[2]):
        (tmp_path / path.name).rename(path)
    assert convert(*arguments) == 0
    fresh = tmp_path / 'fresh'
    assert convert('nyu_raw', dump, *labeled, '--out', fresh, '--num', 0, '--fill', 'no') == 0
    files = [path.relative_to(fresh) for path in sorted(fresh.rglob('*')) if path.is_file()]
    assert len([path for path in files if path.name.startswith('rgb_')]) == 4
    for path in files:
        if path.name != 'nyu_raw_record.json':
            assert (out / path).read_bytes() == (fresh / path).read_bytes()
    kept = [path for path, time in before.items() if path.stat().st_mtime_ns == time]
    assert len(before) == 3 and len(kept) == 2


@pytest.mark.parametrize('argument', ['--max-gap=nan', '--max-gap=inf', '--limit=-1', '--num=-1'])
def test_numbers_that_make_no_sense_are_refused(tmp_path, convert, labeled, dump, argument, capsys):
    with pytest.raises(SystemExit, match='2'):
        convert('nyu_raw', dump, *labeled, '--out', tmp_path / 'out', argument)
    assert f'argument {argument.split("=")[0]}: expected' in capsys.readouterr().err
