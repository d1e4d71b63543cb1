"""Calibration from a few measurements, from the command to every prediction."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import torch

from depthdecomp_mm.apis import DepthInferencer, init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.apis.export import export
from depthdecomp_mm.calibration import Calibration, calibration_of
from depthdecomp_mm.engine.checkpoint import read_checkpoint
from depthdecomp_mm.errors import CheckpointError, OutputError, SampleError, UserError
from depthdecomp_mm.models.encoders.package_weights import SHIPPED

TRUE_SCALE = 0.7


@pytest.fixture(scope='module')
def frames(tmp_path_factory, images, inferencer):
    """A folder of four images, and what the network predicts of them (H, W), metres."""
    folder = tmp_path_factory.mktemp('frames')
    depths = {}
    for number, image in enumerate(images[:4]):
        cv2.imwrite(str(folder / f'{number}.png'), image)
        depths[f'{number}.png'] = inferencer(image)['predictions'][0]['depth']
    assert len(depths) >= 2
    return folder, depths


def write_points(path, depths, scale=TRUE_SCALE, shift=0.0, wrong=0, seed=0):
    """A file of five points of each image, as a camera would have measured them."""
    rng = np.random.default_rng(seed)
    lines = ['image,x,y,metres']
    for name, depth in depths.items():
        within = np.argwhere((depth > 0.5) & (depth < 9.9))  # what is clamped tells nothing
        for number, (y, x) in enumerate(rng.choice(within, 5)):
            metres = 9.9 if number < wrong else scale * depth[y, x] + shift
            lines.append(f'{name},{x},{y},{metres:.6f}')
    path.write_text('\n'.join(lines) + '\n')
    return path


def run(tool, checkpoint, out, *arguments):
    return tool('calibrate')([str(checkpoint), '--out', str(out), *map(str, arguments)])


@pytest.fixture(scope='module')
def calibrated(frames, checkpoint, tool, tmp_path_factory):
    folder, depths = frames
    points = write_points(folder / 'points.csv', depths, wrong=1)
    out = tmp_path_factory.mktemp('calibrated') / 'model_calibrated.pth'
    before = checkpoint.read_bytes()
    assert run(tool, checkpoint, out, '--points', points) == 0
    assert checkpoint.read_bytes() == before
    return out


def test_scale_is_found_and_carried_by_predictions(calibrated, model):
    ours = init_model(checkpoint=calibrated)
    assert ours.calibration.scale == pytest.approx(TRUE_SCALE, rel=1e-4)
    batch = torch.randn(2, 3, 96, 128, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found, before = (m.predict(batch, flip_test=True) for m in (ours, model))
        raw, expected = (m.decoded_outputs(batch, {'metric'})['metric'] for m in (model, ours))
    within = raw < 9.9  # what is clamped may lie farther
    assert within.sum() > 100
    torch.testing.assert_close(expected[within], TRUE_SCALE * raw[within], rtol=1e-3, atol=1e-4)
    means = [sample.pred_depth_map.data.mean() for sample in (found[0], before[0])]
    assert means[0] < means[1]


def test_shift_is_found_in_metres(frames, checkpoint, tool, tmp_path, capsys):
    folder, depths = frames
    points = write_points(tmp_path / 'p.csv', depths, shift=0.4)
    arguments = ['--points', points, '--images', folder, '--shift']
    assert run(tool, checkpoint, tmp_path / 'o.pth', *arguments) == 0
    found = init_model(checkpoint=tmp_path / 'o.pth').calibration
    assert (found.scale, found.shift) == pytest.approx((TRUE_SCALE, 0.4), rel=1e-2)
    printed = capsys.readouterr().out
    assert 'leave-one-image-out   0.000' in printed and f'written to {tmp_path}' in printed


def test_frames_of_depth_serve_as_points(frames, checkpoint, tool, tmp_path):
    folder, depths = frames
    for name, depth in depths.items():
        stored = np.round(TRUE_SCALE * depth * 5000).astype(np.uint16)
        cv2.imwrite(str(tmp_path / f'd{name}'), stored)
    list_file = tmp_path / 'list.txt'
    list_file.write_text(''.join(f'{folder / n} {tmp_path / f"d{n}"} 500\n' for n in depths))
    out = tmp_path / 'o.pth'
    assert run(tool, checkpoint, out, '--frames', list_file, '--depth-scale', 5000) == 0
    assert init_model(checkpoint=out).calibration.scale == pytest.approx(TRUE_SCALE, rel=1e-3)
    assert torch.load(out, weights_only=True)['meta']['calibration']['shift'] == 0


def test_nothing_is_written_where_it_does_not_help(frames, checkpoint, tool, tmp_path, capsys):
    folder, depths = frames
    name, depth = next(iter(depths.items()))
    factors = (1.0, 1.05, 0.9, 1.2, 0.8)  # in the mean it is right already
    within = np.argwhere((depth > 0.5) & (depth < 8))[::100]
    rows = [(x, y, depth[y, x] * f) for (y, x), f in zip(within, factors, strict=False)]
    lines = ['image,x,y,metres', *(f'{name},{x},{y},{m}' for x, y, m in rows)]
    (tmp_path / 'p.csv').write_text('\n'.join(lines))
    out = tmp_path / 'o.pth'
    assert run(tool, checkpoint, out, '--points', tmp_path / 'p.csv', '--images', folder) == 1
    printed = capsys.readouterr().out
    assert 'leave-one-point-out' in printed and 'nothing is written' in printed
    assert not out.exists()


def test_calibrated_again_it_starts_anew(frames, calibrated, tool, tmp_path):
    folder, _ = frames
    assert run(tool, calibrated, tmp_path / 'o.pth', '--points', folder / 'points.csv') == 0
    again = calibration_of(read_checkpoint(str(tmp_path / 'o.pth')), 'o')
    assert again == calibration_of(read_checkpoint(str(calibrated)), 'c')


def test_exports_carry_it(calibrated, images, tmp_path):
    model = init_model(checkpoint=calibrated)
    path = tmp_path / 'm.pt'
    export(model, path, cv2.resize(images[0], (128, 96)), 'torchscript')
    image = cv2.resize(images[1], (128, 96))
    batch = np.ascontiguousarray(image[None, ..., ::-1].transpose(0, 3, 1, 2), np.float32)
    found = torch.jit.load(path)(torch.from_numpy(batch)).numpy()[0, 0]
    ours = DepthInferencer(model, show_progress=False)
    expected = ours(image)['predictions'][0]['depth']
    np.testing.assert_allclose(found, expected, rtol=2e-3)
    model.calibration = Calibration()
    assert np.abs(ours(image)['predictions'][0]['depth'] / expected - 1).max() > 0.2
    about = json.loads((tmp_path / 'm.pt.json').read_text())['files']['m.pt']
    assert about['calibration']['scale'] == pytest.approx(TRUE_SCALE, rel=1e-4)


def test_limits_hold_after_calibration(model, inferencer, images):
    try:
        model.calibration = Calibration(100.0)
        assert inferencer(images[0])['predictions'][0]['depth'].max() <= 10
        with pytest.raises(ValueError, match='nothing is nearer than 10 m'):
            model.calibration = Calibration(1.0, 10.0)
    finally:
        model.calibration = Calibration()


HEAD = 'image,x,y,metres\n'


@pytest.mark.parametrize(
    'text, words',
    [
        (HEAD + '0.png,1,1,0', 'line 2: expected metres above 0, found 0'),
        (HEAD + '0.png,1,1,-2', 'line 2: expected metres above 0'),
        (HEAD + '0.png,1,1,nan', 'line 2: expected metres above 0'),
        (HEAD + '0.png,1,1,2\n0.png,1,one,2', "line 3: expected a number as y, found 'one'"),
        (HEAD + '0.png,1,1', 'line 2: expected a number as metres, found None'),
        (HEAD + 'nowhere.png,1,1,2', 'line 2: no such image: .*nowhere.png'),
        (
            HEAD + '0.png,5000,1,2\n' * 3,
            r'line 2: the pixel 5000, 1 \(x, y\) is outside of .*0.p',
        ),
        (HEAD + '0.png,-1,1,2\n' * 3, 'line 2: the pixel -1, 1'),
        (HEAD + '0.png,1,1,12\n' * 3, 'line 2: 12 m is beyond 10 m'),
        (HEAD + '0.png,1,1,2\n' * 2, 'a scale needs 3 measurements at least, found 2'),
        (HEAD, 'no point below the first line'),
        ('image,x,y\n', r"\['metres'\] are not in"),
    ],
)
def test_bad_points_are_named(text, words, frames, checkpoint, tool, tmp_path):
    folder, _ = frames
    (tmp_path / 'p.csv').write_text(text)
    arguments = ['--points', tmp_path / 'p.csv', '--images', folder]
    with pytest.raises(UserError, match=words):
        run(tool, checkpoint, tmp_path / 'o.pth', *arguments)


def test_inputs_are_kept(frames, checkpoint, tool):
    folder, _ = frames
    words = 'would be written over the input'
    images = 'is there, but no checkpoint'
    for out, said in ((checkpoint, words), (folder / 'points.csv', words), ('0.png', images)):
        out = folder / out
        with pytest.raises(UserError, match=said):
            run(tool, checkpoint, out, '--points', folder / 'points.csv')


def test_a_checkpoint_of_somebody_elses_is_not_replaced(frames, checkpoint, tool, tmp_path):
    theirs = tmp_path / 'epoch_20.pth'
    theirs.write_bytes(checkpoint.read_bytes())
    with pytest.raises(OutputError, match='epoch_20.pth: is there, but no .* with a calibration'):
        run(tool, checkpoint, theirs, '--points', frames[0] / 'points.csv')
    assert theirs.read_bytes() == checkpoint.read_bytes()


def test_weights_of_an_address_need_a_place_to_write_to(frames, tool, capsys):
    with pytest.raises(SystemExit):
        tool('calibrate')([SHIPPED, '--points', str(frames[0] / 'points.csv')])
    assert f'--out must say where to write, as {SHIPPED}' in capsys.readouterr().err


def test_frames_need_a_depth_scale_and_a_list(checkpoint, tool, tmp_path):
    with pytest.raises(SystemExit):
        run(tool, checkpoint, tmp_path / 'o.pth', '--frames', 'list.txt')
    (tmp_path / 'l.txt').write_text('no.png no_depth.png\n')
    with pytest.raises(SampleError, match='no such image'):
        run(
            tool, checkpoint, tmp_path / 'o.pth', '--frames', tmp_path / 'l.txt', '--depth-scale', 1
        )


@pytest.mark.parametrize('found', [dict(scale=-1.0), dict(scales=1.0), [1], dict(scale='far')])
def test_damaged_calibrations_are_refused(found, config, model, tmp_path):
    write_checkpoint(tmp_path / 'm.pth', model.state_dict(), dict(calibration=found))
    with pytest.raises(CheckpointError, match='m.pth: meta.calibration is no calibration'):
        init_model(config, tmp_path / 'm.pth')
