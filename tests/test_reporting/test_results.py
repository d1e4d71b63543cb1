"""Results as files, what a comparison says of them, and what a page has beside them."""

import base64
import csv
import hashlib
import json

import numpy as np
import pytest
import torch

from depthdecomp_mm.apis import Intrinsics, unproject
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.evaluation.protocol import Protocol
from depthdecomp_mm.reporting.clouds import encode_cloud
from depthdecomp_mm.reporting.frame_statistics import measure_frame, summarize
from depthdecomp_mm.reporting.results import (
    compare_results,
    images_as_csv,
    read_results,
    write_results,
)


def made_up(root, errors):
    images = [dict(image=f'{root}/{n}', rmse=e, d1=1 - e) for n, e in errors.items()]
    return dict(rmse=0.5, higher_is_better=['d1'], images=images)


def test_results_of_a_test_hold_what_it_was_made_with(reports):
    found = read_results(reports / 'one.json')
    images = [image['rmse'] for image in found['images']]
    assert len(images) == 6 and found['rmse'] == pytest.approx(np.mean(images), rel=1e-12)
    low, high = found['intervals']['rmse']
    assert min(images) <= low < found['rmse'] < high <= max(images)
    assert found['higher_is_better'] == ['d1', 'd2', 'd3', 'tau']
    made = found['made']
    digest = hashlib.sha256((reports / 'one.pth').read_bytes()).hexdigest()
    assert made['sha256'] == digest and torch.__version__.startswith(made['versions']['torch'])
    assert 'crop' in made['protocol']['DepthMetric'] and made['mirrored'] is False


@pytest.mark.parametrize('suffix', ['json', 'yaml'])
def test_results_are_read_as_they_were_written(tmp_path, suffix):
    results = made_up('data', {'a.jpg': 0.25, 'b.jpg': 0.5})
    write_results(tmp_path / f'r.{suffix}', results)
    assert read_results(tmp_path / f'r.{suffix}') == results


def test_images_are_rows_of_a_table(tmp_path):
    images = [dict(image='a, b.jpg', rmse=0.1), dict(image='c.jpg', rmse=0.2, tau=0.5)]
    write_results(tmp_path / 'r.csv', dict(images=images))
    with (tmp_path / 'r.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == dict(image='a, b.jpg', rmse='0.1', tau='')
    assert float(rows[1]['rmse']) == 0.2
    assert images_as_csv([]) == '\n'


@pytest.mark.parametrize('content', [b'{"rmse": 1.0}', b'[1]', b'{', b'{"images": []}', b'\x80'])
def test_results_without_images_are_refused(tmp_path, content):
    path = tmp_path / 'm.json'
    path.write_bytes(content)
    with pytest.raises(UserError, match=r'm\.json: expected'):
        read_results(path)


def test_images_are_the_same_by_their_place_below_the_data(tmp_path):
    ours = {f'scene/{i}.jpg': 0.1 + 0.1 * i for i in range(6)}
    theirs = {name: error + 0.05 for name, error in reversed(ours.items())} | {'scene/7.jpg': 9.0}
    found = compare_results(made_up('/here', ours), made_up('there/data', theirs))
    assert found['rmse'].verdict == found['d1'].verdict == 'better'
    assert found['rmse'].estimate.mean == pytest.approx(-0.05)
    assert found['rmse'].estimate.images == 6
    with pytest.raises(UserError, match='no image in common'):
        compare_results(made_up('a', ours), made_up('a', {'other.jpg': 1.0}))


def test_compare_says_it_in_words(tmp_path, tool, capsys):
    rng = np.random.default_rng(0)
    errors = {f'{i}.jpg': float(e) for i, e in enumerate(rng.uniform(0.2, 0.8, 30))}
    worse = {name: error + 0.1 for name, error in errors.items()}
    paths = [tmp_path / 'a.json', tmp_path / 'b.yaml']
    for path, found in zip(paths, (errors, worse), strict=True):
        write_results(path, made_up('data', found))
    tool('analysis_tools/compare').main(['--results', *map(str, paths)])
    said = capsys.readouterr().out
    assert said.count(' better |') == 2 and 'another seed' in said
    assert '-0.1000' in said and 'over 30 images' in said
    for argv in ([], ['--results', 'a', 'b', '--model', 'a', 'b', 'c']):
        with pytest.raises(SystemExit):
            tool('analysis_tools/compare').main(argv)


def frame(gt, pred):
    fields = dict(gt_depth_map=gt, pred_depth_map=pred)
    return {key: dict(data=torch.from_numpy(value)[None]) for key, value in fields.items()}


def test_errors_are_summed_by_distance_and_place():
    gt = np.full((24, 32), 2.2, np.float32)
    gt[:, 16:] = 7.7
    gt[0] = 0
    pred = gt.copy()
    pred[2:4, 20:22] = 8.7  # the second row and eleventh column of places
    found = summarize([measure_frame(frame(gt, pred), Protocol()), None], 10.0)
    pixels, rel, square = (np.array(found['distance'][k]) for k in ('pixels', 'rel', 'square'))
    assert pixels.nonzero()[0].tolist() == [4, 15] and pixels.sum() == 23 * 32
    assert rel[4] == 0 and rel[15] == pytest.approx(4 / 7.7, rel=1e-5)
    assert square[15] == pytest.approx(4, rel=1e-5)
    place = np.array(found['place']['square'])
    assert place[1, 10] == pytest.approx(4, rel=1e-5) and np.count_nonzero(place) == 1
    assert np.array(found['place']['pixels'])[0].tolist() == [2] * 16
    assert found['distance']['predicted'][17] == 4
    assert summarize([None], 10.0) is None
    assert measure_frame(frame(0 * gt, pred), Protocol()) is None


def test_a_cloud_has_the_points_of_its_depth_map():
    rng = np.random.default_rng(0)
    depth = rng.uniform(1, 9, (240, 400)).astype(np.float32)
    depth[:9, :9] = np.nan
    image = rng.integers(0, 255, (240, 400, 3), np.uint8)
    camera = Intrinsics.from_fov((400, 240), 60)
    cloud = encode_cloud(image, dict(truth=depth), camera)
    assert (cloud['width'], cloud['height']) == (134, 80)
    steps = np.frombuffer(base64.b64decode(cloud['maps']['truth']), '<u2').reshape(80, 134)
    assert (steps == 0).sum() == 9 and json.dumps(cloud)
    found = steps * cloud['unit']
    assert np.abs(found - np.nan_to_num(depth[::3, ::3])).max() < 1e-4
    row, column = 40, 100
    x = (column - cloud['centre'][0]) / cloud['focal'][0] * found[row, column]
    assert x == pytest.approx(unproject(depth, camera)[3 * row, 3 * column, 0], abs=1e-4)
    colors = np.frombuffer(base64.b64decode(cloud['colors']), np.uint8).reshape(80, 134, 3)
    assert np.array_equal(colors, image[::3, ::3])
