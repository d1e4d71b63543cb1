"""Lists, statistics, table and plot of the few-shot curve."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from depthdecomp_mm.apis.pseudo_labels import Meaning, Trust
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.workshop import few_shot
from depthdecomp_mm.workshop.experiments import load_plan
from depthdecomp_mm.workshop.few_shot import labels
from depthdecomp_mm.workshop.few_shot.images import Predicted, constant_list, mean_truth, read_list
from depthdecomp_mm.workshop.few_shot.lists import spread
from depthdecomp_mm.workshop.few_shot.reporting import KINDS
from depthdecomp_mm.workshop.few_shot.scaling import scaled
from depthdecomp_mm.workshop.few_shot.statistics import lead_of, mean_of
from tests import mini_sets
from tests.conftest import ROOT

PLAN = ROOT / 'configs' / 'plans' / 'few_shot.py'


def test_the_first_frames_are_spread_over_all():
    order = spread(range(32))
    assert sorted(order) == list(range(32))
    for count in (4, 8, 16):
        assert sorted(order[:count]) == list(range(0, 32, 32 // count))
    assert max(np.diff(sorted(spread(range(29))[:4]))) <= 16


@pytest.fixture
def frames(tmp_path):
    """Two cameras: one with a recording of 8 frames and another place, one with 4 frames."""
    for scene, count in (('a', 8), ('b', 4), ('c', 2), *((name, 1) for name in few_shot.OTHERS)):
        for i in range(count):
            image, depth = mini_sets.scene(i)
            mini_sets.write_image(tmp_path / scene / f'{i:04d}.jpg', image)
            mini_sets.write_image(tmp_path / scene / f'{i:04d}.png', mini_sets.millimetres(depth))
    return tmp_path


CAMERAS = (few_shot.Camera('one', ('a',), elsewhere=('c',)), few_shot.Camera('two', ('b',)))


def scenes(path):
    return [(Path(image).parent.name, Path(image).stem) for image, _ in read_list(path)]


def test_lists_hold_the_end_out_and_other_cameras_apart(frames, tmp_path):
    few_shot.write_lists(frames, tmp_path / 'out', CAMERAS)
    one = tmp_path / 'out' / 'one'
    assert sorted(scenes(one / 'train.txt')) == [('a', f'{i:04d}') for i in range(6)]
    assert scenes(one / 'test.txt') == [('a', '0006'), ('a', '0007')]
    assert scenes(one / 'elsewhere.txt') == [('c', '0000'), ('c', '0001')]
    assert {scene for scene, _ in scenes(one / 'teacher.txt')} == {'b', *few_shot.OTHERS}
    assert not (tmp_path / 'out/two/elsewhere.txt').exists()


def test_a_scene_that_is_not_there_is_told(frames, tmp_path):
    with pytest.raises(SampleError, match='no frame of this scene'):
        few_shot.write_lists(frames, tmp_path / 'out', (few_shot.Camera('three', ('d',)),))


class Ramp:
    """A teacher whose disparity is the image's green."""

    name, identity, licence, meaning = 'ramp', 'r', 'none', Meaning('disparity')

    def __call__(self, image):
        return image[..., 1].astype(np.float32)


@pytest.mark.parametrize(
    ('run', 'folder', 'kind'),
    [
        ('one_teacher', 'one/labels', 'unlabelled'),
        ('one_16_alone', 'one/labels_16', 'relabelled'),
        ('one_16_alone_long', 'one/labels_16_long', 'relabelled_long'),
        ('one_16_scratch', 'one/labels_16_scratch', 'scratch_relabelled'),
    ],
)
def test_labels_go_where_the_plan_looks_for_them(run, folder, kind, frames, tmp_path, monkeypatch):
    few_shot.write_lists(frames, tmp_path / 'out', CAMERAS)
    monkeypatch.setattr(labels, 'last_checkpoint', lambda directory: directory)
    monkeypatch.setattr(labels, 'open_teacher', lambda *_: Ramp())
    monkeypatch.setattr(labels, 'Trust', lambda: Trust(mirror=None, plateau=None))
    out = few_shot.label_frames(run, tmp_path / 'out', tmp_path / 'runs')
    assert out == tmp_path / 'out' / folder
    assert len(list((out / 'train/gts').iterdir())) == 6
    runs = {run.name: run.cfg_options for run in load_plan(PLAN).runs}
    key = 'train_dataloader.dataset.datasets.relative.data_root'
    assert runs[f'xtion_16_{kind}'][key].endswith(folder.replace('one', 'xtion'))


def test_a_constant_is_judged_by_the_mean_of_its_frames(frames, tmp_path):
    few_shot.write_lists(frames, tmp_path / 'out', CAMERAS)
    pairs = read_list(tmp_path / 'out/one/train.txt')[:2]
    depth = np.concatenate([cv2.imread(path, -1).ravel() for _, path in pairs]) / 1000
    assert mean_truth(pairs) == pytest.approx(depth.mean(), rel=1e-6)
    found = constant_list(tmp_path / 'out/one/test.txt', 2.0)
    truth = cv2.imread(str(frames / 'a/0006.png'), -1) / 1000
    assert found[0].errors()['abs_rel'] == pytest.approx(np.mean(abs(2 - truth) / truth), rel=1e-5)


def test_a_scale_mends_what_is_wrong_by_a_factor():
    rng = np.random.default_rng(0)
    truths = [rng.uniform(1, 4, 500) for _ in range(12)]
    frames = [Predicted(str(i), truth / 2, truth) for i, truth in enumerate(truths)]
    found = scaled(frames[:6], frames[6:])
    assert found['plain'] == pytest.approx(0.5)
    assert max(found['points']) < 1e-6 and found['median_each'] < 1e-6


def test_errors_are_over_seeds_and_images():
    same = mean_of(np.full((3, 10), 0.2))
    assert same.value == pytest.approx(0.2) and same.error < 1e-12
    one = np.random.default_rng(0).normal(1, 0.3, (1, 100))
    assert mean_of(one).error == pytest.approx(0.03, rel=0.3)


def test_a_lead_is_over_seeds_and_the_same_images():
    errors = np.random.default_rng(0).normal(1, 0.3, (1, 100))
    lead = lead_of(errors - 0.1, errors)
    assert lead == pytest.approx((-0.1, -0.1, -0.1))  # images differ, the models do so nowhere
    seeds = np.array([[0.0], [0.2]]) + np.ones((2, 10))
    lead = lead_of(seeds, seeds)
    assert (lead.value, lead.low, lead.high) == pytest.approx((0, -0.2, 0.2))


@pytest.fixture
def results():
    errors = dict(abs_rel=[0.2, 0.3], tau=[0.6, 0.7])
    constant = dict(test=dict(abs_rel=[0.4, 0.5]))
    seeds = {str(seed): dict(test=errors) for seed in range(2)}
    return dict(
        xtion=dict(
            runs=dict.fromkeys(('xtion_4_alone', 'xtion_16_unlabelled', 'xtion_31_alone'), seeds),
            constant={'4': constant, '31': constant},
            teacher=dict(test=errors),
            scaling=dict(hall=dict(plain=0.4, points=[0.2, 0.22], median_each=0.2, median_all=0.2)),
        )
    )


def test_table_and_plot(results, tmp_path, tool, capsys):
    path = tmp_path / 'results.json'
    path.write_text(json.dumps(results))
    tool('misc/few_shot').main(['show', str(path), '--plot', str(tmp_path / 'curve.png')])
    printed = capsys.readouterr().out
    error = mean_of(np.array([[0.2, 0.3]] * 2)).error
    better, worse = f'0.250 ± {error:.3f} | 0.650 ± {error:.3f}', '0.450 ± 0.035 | -'
    assert '| frames | trained on | xtion REL | xtion τ | seeds |' in printed
    assert f'| 16 | + labels of the teacher | {better} | 2 |' in printed
    assert f'| 4 | constant | {worse} | - |' in printed
    assert f'| all | constant | {worse} | - |' in printed
    lead = '+0.000 (+0.000 to +0.000)'
    assert f'| xtion | + labels of the teacher | 31 frames alone | {lead} | {lead} |' in printed
    assert '| `hall` | 0.400 | 0.210 ± 0.010 | 0.200 | 1.05 |' in printed
    assert cv2.imread(str(tmp_path / 'curve.png')) is not None


def test_the_plan_can_be_read():
    names = {run.name for run in load_plan(PLAN).runs}
    assert {'kinect_64_alone', 'primesense_16_unlabelled', 'xtion_4_alone'} <= names
    assert {name.split('_', 2)[2] for name in names} == set(KINDS)
