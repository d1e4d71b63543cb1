"""Our components in a project with its own registries and scope, under MMEngine's plain runner."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

HERE = Path(__file__).resolve().parent


def run_host(config, rooms, *args, launcher=()):
    """The host's command line; our package is not imported by anything but MMEngine."""
    # of tests before that started a tool in this process
    inherited = {key: value for key, value in os.environ.items() if key != 'LOCAL_RANK'}
    result = subprocess.run(
        [sys.executable, *launcher, '-m', 'foreign.train', HERE / 'foreign' / config, *args],
        cwd=HERE,
        env=dict(inherited, ROOMS=str(rooms), ROOMS_ROOT=str(rooms), OMP_NUM_THREADS='1'),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


def metrics_of(output):
    line = next(line for line in output.splitlines() if line.startswith('metrics '))
    return eval(line.removeprefix('metrics '), {}, {})


@pytest.mark.parametrize('config, last', [('config.py', ''), ('config_phased.py', 'phase2')])
def test_trains_and_evaluates(config, last, tiny_rooms, tmp_path):
    output = run_host(config, tiny_rooms, tmp_path, 'train')
    losses = json.loads((tmp_path / last / 'losses.json').read_text())
    assert len(losses) == 4 and all(loss > 0 for loss in losses)
    checkpoint = tmp_path / last / 'epoch_1.pth'
    state = torch.load(checkpoint, map_location='cpu', weights_only=False)['state_dict']
    assert any(key.startswith('metric_decoder.mdr.') for key in state)
    assert 'is not in the' not in output
    metrics = metrics_of(run_host(config, tiny_rooms, tmp_path / 'test', 'test', checkpoint))
    assert {'rmse', 'abs_rel', 'd1', 'mean_prediction'} <= {k.split('/')[-1] for k in metrics}
    assert 0 < metrics['mean_prediction'] <= 10
    if last:
        assert not any(
            key.startswith('metric_decoder.')
            for key in torch.load(
                tmp_path / 'phase1' / 'epoch_1.pth', map_location='cpu', weights_only=False
            )['state_dict']
        )


def test_trains_in_two_processes(tiny_rooms, tmp_path):
    """As by the host's ``tools/dist_train.sh``, on the CPU: our runners know gloo."""
    launcher = ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node=2']
    run_host('config_phased.py', tiny_rooms, tmp_path, 'train', launcher=launcher)
    losses = json.loads((tmp_path / 'phase2' / 'losses.json').read_text())
    assert len(losses) == 2 and all(loss > 0 for loss in losses)
    assert (tmp_path / 'phase2' / 'epoch_1.pth').is_file()


def test_a_shipped_config_by_name(tiny_rooms, tmp_path):
    run_host('config_by_name.py', tiny_rooms, tmp_path, 'train')
    assert (tmp_path / 'phase2' / 'epoch_1.pth').is_file()
