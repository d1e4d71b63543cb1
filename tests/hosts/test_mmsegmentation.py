"""mmsegmentation's depth support with our network and metrics, where it is installed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
SHARED = ('d1', 'd2', 'd3', 'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'log10')
mmseg = pytest.importorskip('mmseg', reason='mmsegmentation is not installed')
pytest.importorskip('mmcv.ops', reason='mmcv is without compiled operators')


@pytest.fixture(scope='module')
def nyu_of_mmseg(tmp_path_factory):
    """Images and 16-bit depth in millimetres, a fifth not measured, in mmseg's NYU layout."""
    root, rng = tmp_path_factory.mktemp('nyu'), np.random.default_rng(0)
    for split, count in (('train', 4), ('test', 3)):
        images, depths = root / 'images' / split, root / 'annotations' / split
        images.mkdir(parents=True)
        depths.mkdir(parents=True)
        for i in range(count):
            depth = cv2.resize(rng.uniform(500, 9000, (5, 7)), (128, 96)).astype(np.uint16)
            image = cv2.resize(rng.integers(0, 256, (9, 12, 3), np.uint8), (128, 96))
            cv2.imwrite(str(images / f'office_{i:04}.jpg'), image)
            cv2.imwrite(str(depths / f'office_{i:04}.png'), depth * (rng.random((96, 128)) > 0.2))
    return root


def run_tool(tool, config, work_dir, data, *args):
    """One of the command lines that mmsegmentation installs."""
    folder = Path(mmseg.__file__).parent / '.mim' / 'tools'
    paths = [str(HERE.parents[1]), os.environ.get('PYTHONPATH', '')]
    result = subprocess.run(
        [sys.executable, folder / tool, HERE / config, *args, '--work-dir', work_dir],
        cwd=work_dir,
        env=dict(
            os.environ,
            NYU_OF_MMSEG=str(data),
            OMP_NUM_THREADS='1',
            PYTHONPATH=os.pathsep.join(filter(None, paths)),
        ),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    (scalars,) = work_dir.glob('*/vis_data/scalars.json') if tool == 'train.py' else (None,)
    path = scalars or next(work_dir.glob('*/*.json'))
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope='module', params=['mmseg_config.py', 'mmseg_estimator.py'])
def trained(request, nyu_of_mmseg, tmp_path_factory):
    """Two iterations and a validation by mmseg's ``tools/train.py``: (config, folder, numbers)."""
    work_dir = tmp_path_factory.mktemp(request.param.removesuffix('.py'))
    return request.param, work_dir, run_tool('train.py', request.param, work_dir, nyu_of_mmseg)


def test_trains_and_both_toolboxes_metrics_agree(trained):
    """In ours as in mmseg's ``DepthEstimator``; silog is of another definition in each toolbox."""
    numbers = trained[2][-1]
    for key in SHARED:
        assert numbers[f'ours/{key}'] == pytest.approx(numbers[f'mmseg/{key}'], rel=1e-4), key
    assert -1 <= numbers['ours/tau'] <= 1 and 0 <= numbers['ours/whdr'] <= 100


def test_tests_a_checkpoint(trained, nyu_of_mmseg, tmp_path):
    config, work_dir, numbers = trained
    found = run_tool('test.py', config, tmp_path, nyu_of_mmseg, str(work_dir / 'iter_2.pth'))[-1]
    for key in SHARED:
        assert found[f'ours/{key}'] == pytest.approx(numbers[-1][f'ours/{key}'], rel=1e-4), key
