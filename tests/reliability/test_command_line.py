"""What the tools say to faults: the exit status is 1, and there is no traceback."""

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

from .kill_and_resume import tiny_config


def no_config(cfg, folder):
    return [folder / 'gone.py'], r'gone\.py'


def work_dir_in_a_file(cfg, folder):
    (folder / 'file').write_text('')
    return ['--work-dir', folder / 'file' / 'work'], 'cannot be written to'


def missing_image(cfg, folder):
    """It is found to be missing by a worker process."""
    dataset = cfg.train_dataloader.dataset.datasets.metric
    lines = open(f'{dataset.data_root}train.txt').read().splitlines()
    (folder / 'train.txt').write_text('\n'.join(f'gone.jpg {line.split()[1]}' for line in lines))
    dataset.ann_file = str(folder / 'train.txt')
    return [], r'^error: \S*gone\.jpg: file not found$'


def foreign_checkpoint(cfg, folder):
    (folder / 'work').mkdir()
    (folder / 'evil.pth').write_text('no checkpoint')
    return ['--resume', folder / 'evil.pth'], r'error: .*evil\.pth: cut off'


def nan_loss(cfg, folder):
    cfg.optim_wrapper.optimizer.lr = 1e30
    return [], 'error: .*at iteration'


@pytest.mark.parametrize(
    'fault', [no_config, work_dir_in_a_file, missing_image, foreign_checkpoint, nan_loss]
)
def test_a_sentence_and_no_traceback(fault, tiny_rooms, tmp_path):
    cfg = tiny_config(tiny_rooms, tmp_path / 'work')
    arguments, words = fault(cfg, tmp_path)
    cfg.dump(tmp_path / 'config.py')
    if fault is not no_config:
        arguments = [tmp_path / 'config.py', *arguments]
    assert_sentence(['tools/train.py', *arguments], words)


def test_a_missing_checkpoint_to_test(tiny_rooms, tmp_path):
    tiny_config(tiny_rooms, tmp_path / 'work').dump(tmp_path / 'config.py')
    arguments = [tmp_path / 'config.py', tmp_path / 'gone.pth', '--work-dir', tmp_path / 'test']
    assert_sentence(['tools/test.py', *arguments], r'error: .*gone\.pth: no such')


def assert_sentence(command, words):
    result = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    last = result.stderr.strip().splitlines()[-1]
    assert result.returncode == 2 and 'Traceback' not in result.stderr, result.stderr[-3000:]
    assert re.search(words, last), last
