"""The files that tools/predict.py writes, reopened."""

from __future__ import annotations

import json
import os

import cv2
import numpy as np
import pytest

from depthdecomp_mm.apis import PredictionWriter, init_model, output_names
from depthdecomp_mm.apis.checkpoint import write_checkpoint
from depthdecomp_mm.errors import SampleError

from .test_point_cloud import read_ply


def check_files(out, name, image, depth, focal):
    """Assert that every file of an image holds its depth (H, W), metres."""
    summary = json.loads((out / f'{name}.json').read_text())
    files = summary['files']
    np.testing.assert_array_equal(np.load(out / f'{name}_depth.npy'), depth)
    assert files[f'{name}_depth.npy'] == dict(unit='metre', shape=list(depth.shape))
    stored = cv2.imread(str(out / f'{name}_depth.png'), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    scale = files[f'{name}_depth.png']['units_per_metre']
    np.testing.assert_allclose(stored / scale, depth, atol=0.5001 / scale)
    panel = cv2.imread(str(out / f'{name}_panel.png'))
    assert panel.ndim == 3 and panel.std() > 10
    _, vertices = read_ply(out / f'{name}.ply')
    np.testing.assert_array_equal(vertices['z'], depth.ravel())
    columns = np.tile(np.arange(depth.shape[1]), depth.shape[0])
    x = (columns - (depth.shape[1] - 1) / 2) / focal * depth.ravel()
    np.testing.assert_allclose(vertices['x'], x, atol=1e-4)
    np.testing.assert_array_equal(vertices['red'], image[..., 2].ravel())
    assert summary['smallest'] == depth.min() and summary['unit'] == 'metre'


def test_real_frames(real_rgbd, checkpoint, inferencer, tool, tmp_path):
    frames = [
        real_rgbd / 'nyu_sync/rgb_00000.jpg',
        real_rgbd / 'redwood/color/00000.jpg',
        real_rgbd / 'sunrgbd/color.jpg',
    ]
    arguments = [*map(str, frames), '--checkpoint', str(checkpoint), '--out-dir', str(tmp_path)]
    assert tool('predict')([*arguments, '--fx', '520', '--device', 'cpu']) == 0
    for frame in frames:
        depth = inferencer(frame)['predictions'][0]['depth']
        name = str(frame.relative_to(real_rgbd).with_suffix(''))
        image = cv2.imread(str(frame))
        assert depth.shape == image.shape[:2] and np.ptp(depth) > 1
        check_files(tmp_path, name, image, depth, 520)


def test_goes_on_after_unreadable_files(checkpoint, folder, tool, tmp_path, capsys):
    (folder / 'b.png').write_bytes((folder / 'b.png').read_bytes()[:60])
    (folder / 'broken.mp4').write_bytes(b'no video')
    inputs = [str(folder), str(folder / 'absent*'), str(folder / 'brok*.mp4')]
    out = tmp_path / 'out'
    with pytest.warns(UserWarning, match='field of view of 60 degrees'):
        status = tool('predict')(
            [*inputs, '--checkpoint', str(checkpoint), '--out-dir', str(out), '--batch-size', '2']
        )
    assert status == 1
    captured = capsys.readouterr()
    assert '2 written' in captured.out and '3 unreadable' in captured.out
    for name in ('b.png', 'absent*', 'broken.mp4'):
        assert name in captured.err
    assert {p.name for p in out.iterdir()} == {
        f'{stem}{end}' for stem in 'ac'
        for end in ('.json', '.ply', '_depth.npy', '_depth.png', '_panel.png')
    }  # fmt: skip


def test_relative_model_writes_what_it_has(folder, tool, tmp_path, config):
    first = init_model(config, phase='phase1')
    write_checkpoint(tmp_path / 'first.pth', first.state_dict(), {})
    arguments = [str(folder / 'a.png'), '--config', config, '--phase', 'phase1']
    arguments += ['--checkpoint', str(tmp_path / 'first.pth'), '--out-dir', str(tmp_path / 'out')]
    assert tool('predict')(arguments) == 0
    names = {path.name for path in (tmp_path / 'out').iterdir()}
    assert names == {'a.json', 'a_normalized.npy', 'a_panel.png'}
    assert json.loads((tmp_path / 'out/a.json').read_text())['unit'] == 'unitless'
    with pytest.raises(ValueError, match='png and ply need a model that gives metres'):
        tool('predict')([*arguments, '--formats', 'ply'])


def test_names_of_outputs():
    assert output_names(['x/a.jpg', 'y/a.jpg', 'x/b.c.png']) == ['x/a', 'y/a', 'x/b.c']
    assert output_names(['x/a.jpg', 'x/a.png']) == ['a_jpg', 'a_png']
    assert output_names([os.path.abspath('a.jpg')]) == ['a']
    names = output_names(['a.jpg', 'a.png', 'a_jpg.bmp', 'a.jpg'])
    assert names == ['a_jpg', 'a_png', 'a_jpg_', 'a_jpg']


def test_depth_that_does_not_fit_16_bits_is_refused(tmp_path, images):
    depth = np.full(images[0].shape[:2], 70.0, np.float32)
    result = dict(depth=depth, unit='metre', representation='depth', img_path='a.png')
    with pytest.raises(SampleError, match='70.000 m cannot be stored'):
        PredictionWriter(tmp_path, ['png']).write('a', images[0], result)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('option', [['--fov', '0'], ['--fx', '0'], ['--batch-size', '0']])
def test_zero_is_no_default(option, checkpoint, folder, tool, tmp_path):
    arguments = [str(folder), '--checkpoint', str(checkpoint), '--out-dir', str(tmp_path / 'out')]
    with pytest.raises((ValueError, SystemExit)):
        tool('predict')([*arguments, *option])
    assert not list(tmp_path.rglob('*.ply'))
