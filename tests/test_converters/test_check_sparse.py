"""What the check says of sets whose depth is known at a few points."""

import numpy as np
import pytest

from tests import mini_sets


def points_of(root, count):
    """Keep a number of the measured pixels of each depth map."""

    def keep(stored):
        places = np.random.default_rng(0).permutation(np.flatnonzero(stored))[count:]
        stored.flat[places] = 0
        return stored

    for path in (root / 'depth').iterdir():
        mini_sets.rewrite(path, keep)


def relative_maps_of(root):
    """Of the frames' full depth, before points are taken from it."""
    for i in range(6):
        code = 1 / (mini_sets.scene(i)[1] + 1)
        mini_sets.write_image(root / f'relative/color/{i:05d}.png', np.uint16(60000 * code))


SPARSE = 'train_dataloader.dataset.datasets.metric.sparse=True'
MAPS = 'train_dataloader.dataset.datasets.metric.data_prefix.relative_map_path=relative'


@pytest.mark.parametrize(
    ('options', 'learning'),
    [
        ([SPARSE], 'M learns from the measured points; G, N and the mean do not learn'),
        (
            [SPARSE, MAPS],
            'M learns from the measured pixels; G, N and the mean from the relative maps of 5 of 5 '
            'pairs',
        ),
    ],
)
def test_it_says_what_learns_from_a_sparse_set(custom, check, options, learning):
    relative_maps_of(custom)
    points_of(custom, 60)
    status, output = check(custom / 'config.py', '--cfg-options', *options)
    train = output.split('val and test')[0]
    assert status == 0 and 'WARNING' not in train
    assert f'  {learning}\n' in train
    assert '  valid pixels 2.0 % (2.0 to 2.0 %' in train
    assert 'measured pairs of neighbours 0.' in train


def test_a_sparse_set_has_no_mean_to_show(custom, tool, tmp_path):
    points_of(custom, 60)
    argv = [str(custom / 'config.py'), '--out-dir', str(tmp_path / 'panels'), '--number', '1']
    assert tool('analysis_tools/browse_dataset').main([*argv, '--cfg-options', SPARSE]) == 0
    assert len(list((tmp_path / 'panels').iterdir())) == 1


def test_points_that_pass_for_maps_are_noticed(custom, check):
    points_of(custom, 60)
    status, output = check(custom / 'config.py')
    assert status == 0
    assert '  all branches learn from the measured pixels\n' in output
    assert '% of the pairs of neighbours are measured: expected sparse=True' in output


def test_relative_maps_that_do_not_fit_are_named(custom, check):
    relative_maps_of(custom)
    points_of(custom, 60)
    path = custom / 'relative/color/00003.png'
    mini_sets.rewrite(path, lambda stored: 65535 - stored)
    status, output = check(custom / 'config.py', '--cfg-options', SPARSE, MAPS)
    assert status == 0
    assert f'WARNING: {path}: the relative map is larger where the depth is' in output
    assert 'from the relative maps of 4 of 5 pairs, do not learn from the others\n' in output
