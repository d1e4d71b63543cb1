"""Scale and shift from a few known depths."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from depthdecomp_mm.apis import DepthInferencer, align_to_metric, init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.decomposition import DepthCodec
from depthdecomp_mm.errors import UserError


@pytest.mark.parametrize('representation', ['inverse', 'depth'])
def test_recovers_the_depth_that_a_normalized_map_came_from(representation):
    rng = np.random.default_rng(0)
    depth = rng.uniform(0.5, 9, (20, 30)).astype(np.float32)
    code = 1 / (depth + 1) if representation == 'inverse' else depth
    normalized = (code - code.mean()) / code.std()
    known = np.where(rng.random(depth.shape) < 0.02, depth, 0)
    assert 2 <= np.count_nonzero(known) < 30
    aligned = align_to_metric(normalized, known, DepthCodec(representation))
    np.testing.assert_allclose(aligned.depth, depth, rtol=1e-4)
    assert aligned.scale == pytest.approx(code.std(), rel=1e-4)
    assert aligned.shift == pytest.approx(code.mean(), rel=1e-4)


def test_wrong_measurements_do_little_harm():
    rng = np.random.default_rng(1)
    depth = rng.uniform(0.5, 5, (8, 9)).astype(np.float32)
    code = 1 / (depth + 1)
    normalized = (code - code.mean()) / code.std()
    known = depth.copy()
    known[0] = 9.5  # an eighth is wrong
    known[1] = np.nan
    aligned = align_to_metric(normalized, known)
    np.testing.assert_allclose(aligned.depth, depth, rtol=0.02)


def test_refuses_what_determines_nothing():
    normalized = np.arange(4.0).reshape(2, 2)
    one = np.array([[1.0, 0], [0, 0]])
    with pytest.raises(ValueError, match='found 1 known'):
        align_to_metric(normalized, one)
    with pytest.raises(ValueError, match='4 known, 1 values'):
        align_to_metric(np.ones((2, 2)), np.full((2, 2), 2.0))
    with pytest.raises(ValueError, match=r'\(2, 2\) and \(1, 2\)'):
        align_to_metric(normalized, one[:1])


def test_images_are_aligned_from_the_shell(config, images, tool, tmp_path, capsys):
    torch.manual_seed(0)
    first = init_model(config, phase='phase1')
    write_checkpoint(tmp_path / 'first.pth', first.state_dict(), dict(cfg=first.cfg.pretty_text))
    for number, image in enumerate(images[:2]):
        cv2.imwrite(str(tmp_path / f'{number}.png'), image)
    result = DepthInferencer(first, show_progress=False)(images[0])['predictions'][0]['normalized']
    code = (result - result.mean()) / np.ptp(result) * 0.5 + 0.5  # of 0.3 to 3 m, say
    depth = 1 / code.clip(0.2, 0.8) - 1
    lines = [
        'image,x,y,metres',
        *(f'0.png,{x},{y},{depth[y, x]}' for y in (9, 60) for x in (8, 70)),
    ]
    (tmp_path / 'p.csv').write_text('\n'.join(lines))
    arguments = ['--checkpoint', tmp_path / 'first.pth', '--align', tmp_path / 'p.csv']
    arguments += [
        '--out-dir',
        tmp_path / 'out',
        '--fov',
        60,
        tmp_path / '0.png',
        tmp_path / '1.png',
    ]
    assert tool('predict')(list(map(str, arguments))) == 1
    assert f'{tmp_path}/1.png: has no point in {tmp_path}/p.csv' in capsys.readouterr().err
    aligned = np.load(tmp_path / 'out' / '0_depth.npy')
    expected = align_to_metric(result, np.where(known_at(depth), depth, 0))
    np.testing.assert_allclose(aligned, expected.depth, rtol=1e-4)
    assert (tmp_path / 'out' / '0_depth.png').is_file()


def known_at(depth):
    known = np.zeros(depth.shape, bool)
    known[np.ix_((9, 60), (8, 70))] = True
    return known


def test_a_network_with_metres_is_calibrated_instead(checkpoint, tool, tmp_path):
    (tmp_path / 'p.csv').write_text('image,x,y,metres\n')
    with pytest.raises(UserError, match='depthdecomp calibrate'):
        tool('predict')(['x.png', '--checkpoint', str(checkpoint), '--align', 'p.csv'])
