"""The files that tools/predict.py writes, reopened."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import sys
import warnings
from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from depthdecomp_mm.apis import (
    DepthInferencer,
    PredictionWriter,
    Video,
    init_model,
    list_inputs,
    output_names,
    writer,
)
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.errors import SampleError, UserError

from .conftest import write_video
from .test_point_cloud import read_ply


def check_files(out, name, image, depth, focal):
    """Assert that every file of an image holds its depth (H, W), metres."""
    summary = json.loads((out / f'{name}.json').read_text())
    files = {os.path.join(os.path.dirname(name), f): v for f, v in summary['files'].items()}
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
    assert '2 written' in captured.out and '3 with problems' in captured.out
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


@pytest.mark.parametrize(
    'option, words',
    [
        ('--fov 0', 'between 0 and 180 degrees, found 0.0'),
        ('--fov nan', 'between 0 and 180 degrees, found nan'),
        ('--fx 0', 'fx, fy > 0 pixels, but found 0.0'),
        ('--fx -5', 'fx, fy > 0 pixels, but found -5.0'),
        ('--fx inf', 'finite numbers'),
        ('--fx 500 --cx nan', 'finite numbers'),
        ('--batch-size 0', 'at least 1, found 0'),
        ('--depth-range 5 1', 'near < far, but found 5.0 and 1.0'),
        ('--depth-range nan 1', 'near < far'),
        ('--device gpu', "device 'gpu' cannot be used"),
    ],
)
def test_bad_numbers_are_refused_before_anything_is_read(option, words, tool, capsys):
    with pytest.raises(SystemExit):
        tool('predict')(['absent.png', '--checkpoint', 'absent.pth', *option.split()])
    assert words in capsys.readouterr().err


def test_one_bad_input_does_not_end_all(checkpoint, folder, tool, tmp_path, capsys):
    (folder / 'folder.jpg').mkdir()
    os.mkfifo(folder / 'pipe.jpg')
    long_name = 'n' * 245
    shutil.copy(folder / 'a.png', folder / f'{long_name}.png')
    (folder / 'empty.mp4').touch()
    write_video(folder / 'zero.avi', [])
    out = tmp_path / 'out'
    out.mkdir()
    (out / 'b_depth.npy').write_text("somebody else's")
    arguments = [str(folder), *(str(folder / name) for name in ('empty.mp4', 'zero.avi'))]
    arguments += ['--checkpoint', str(checkpoint), '--out-dir', str(out), '--fov', '60']
    assert tool('predict')([*arguments, '--formats', 'npy']) == 1
    captured = capsys.readouterr()
    assert '2 written' in captured.out
    problems = captured.err.splitlines()
    for words in (
        'b_depth.npy: is there, but b.json does not say that we wrote it',
        f'{long_name}.json: cannot be written: File name too long',
        'folder.jpg: cannot be read: found no regular file',
        'pipe.jpg: cannot be read: found no regular file',
        'empty.mp4: cannot be decoded as a video',
        'zero.avi: no frame could be read',
    ):
        assert sum(words in line for line in problems) == 1
    assert {p.name for p in out.iterdir()} == {
        'a.json', 'a_depth.npy', 'b_depth.npy', 'c.json', 'c_depth.npy'
    }  # fmt: skip
    assert (out / 'b_depth.npy').read_text() == "somebody else's"


def test_depth_beyond_16_bits_is_named_and_the_rest_written(
    checkpoint, folder, tool, tmp_path, capsys, monkeypatch
):
    encode = writer.encode_depth
    farther = {'b_depth.png': 100}
    monkeypatch.setattr(
        writer, 'encode_depth', lambda path, depth: encode(path, depth * farther.get(path.name, 1))
    )
    arguments = [*(str(folder / name) for name in ('b.png', 'a.png')), '--fov', '60']
    arguments += ['--checkpoint', str(checkpoint), '--out-dir', str(tmp_path / 'out')]
    assert tool('predict')([*arguments, '--formats', 'png', 'npy']) == 1
    captured = capsys.readouterr()
    assert '1 with problems' in captured.out and 'b_depth.png: depth from' in captured.err
    found = {path.name for path in (tmp_path / 'out').iterdir()}
    assert found == {'a.json', 'a_depth.npy', 'a_depth.png', 'b.json', 'b_depth.npy'}
    assert list(json.loads((tmp_path / 'out/b.json').read_text())['files']) == ['b_depth.npy']


def test_an_interruption_and_an_error_are_a_sentence(
    folder, checkpoint, repo_root, monkeypatch, capsys
):
    argv = ['predict.py', str(folder), '--checkpoint', str(checkpoint), '--out-dir', str(folder)]
    monkeypatch.setattr(warnings, 'formatwarning', warnings.formatwarning)  # which the tool sets
    for options, error, status, words in (
        ([], KeyboardInterrupt, 130, 'interrupted: files written so far are whole'),
        (['--phase', 'x'], None, 2, "error: no phase 'x' in the config"),
    ):
        monkeypatch.setattr(DepthInferencer, 'iterate_images', Mock(side_effect=error))
        monkeypatch.setattr(sys, 'argv', [*argv, *options])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(repo_root / 'tools/predict.py'), run_name='__main__')
        assert end.value.code == status
        assert capsys.readouterr().err.splitlines()[-1].startswith(words)


def test_half_a_video_is_predicted_and_named(checkpoint, images, tool, tmp_path, capsys):
    video = write_video(tmp_path / 'v.avi', [images[0]] * 6)
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    arguments = [str(video), '--checkpoint', str(checkpoint), '--out-dir', str(tmp_path / 'out')]
    assert tool('predict')(arguments) == 1
    frames = len(list(Video(str(tmp_path / 'out/v_depth.mp4'))))
    assert 0 < frames < 6
    captured = capsys.readouterr()
    assert '1 written' in captured.out
    assert f'v.avi: {frames} of 6 frames could be read' in captured.err


def test_inputs_are_not_written_over(checkpoint, folder, tool, tmp_path):
    """Ground truth beside the images has the name that our prediction would have."""
    truth = folder / 'a_depth.png'
    cv2.imwrite(str(truth), np.full((120, 160), 2000, np.uint16))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    arguments = ['--checkpoint', str(checkpoint), '--fov', '60', '--out-dir', str(folder)]
    for inputs in ([folder], [folder / 'a.png', truth]):
        with pytest.raises(UserError, match='a_depth.png: would be written over the input'):
            tool('predict')([*map(str, inputs), *arguments])
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert tool('predict')([str(folder / 'a.png'), *arguments]) == 1  # nor if it is no input
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_was_predicted_is_replaced_and_no_input(checkpoint, folder, tool, inferencer):
    arguments = [str(folder), '--checkpoint', str(checkpoint), '--out-dir', str(folder)]
    arguments += ['--formats', 'png', 'panel']
    assert tool('predict')(arguments) == 0
    files = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert tool('predict')(arguments) == 0
    again = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert files.keys() == again.keys()
    written = {f'{stem}{e}' for stem in 'abc' for e in ('.json', '_depth.png', '_panel.png')}
    assert {name for name in files if files[name] != again[name]} == written
    assert len(list_inputs(folder)) == 3
