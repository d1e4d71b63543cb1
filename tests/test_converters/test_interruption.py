"""A converter that is killed, and the command lines as users run them."""

import os
import signal
import subprocess
import sys
import time

import pytest

from depthdecomp_mm.converter_command_line import run
from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.datasets.converters.inspection import DepthStats, Outcome
from depthdecomp_mm.datasets.converters.running import parallel_map
from depthdecomp_mm.parallel import parallel_map as parallel_map_of_all
from tests import mini_sets


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }


def start(repo_root, name, *arguments):
    command = [sys.executable, f'tools/dataset_converters/{name}.py', *map(str, arguments)]
    paths = [str(repo_root), os.environ.get('PYTHONPATH', '')]
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, paths))}
    pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return subprocess.Popen(command, cwd=repo_root, env=environment, **pipes)


@pytest.mark.skipif(not hasattr(signal, 'SIGKILL'), reason='no SIGKILL on this system')
def test_a_killed_conversion_continues_to_the_same_files(tmp_path, repo_root, convert):
    count = 4
    labeled = mini_sets.make_nyu_labeled(tmp_path, train=count, test=1)
    killed, undisturbed = tmp_path / 'killed', tmp_path / 'undisturbed'
    process = start(repo_root, 'nyu_labeled', *labeled, '--out', killed, '--refill', '--workers', 2)
    deadline = time.time() + 60
    while not list(killed.rglob('sync_depth_*.png')) and time.time() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()  # returns when the workers, too, have closed the pipes
    finished = {path: path.stat().st_mtime_ns for path in killed.rglob('sync_depth_*.png')}
    assert 0 < len(finished) < count
    assert not list(killed.glob('*.txt'))

    assert convert('nyu_labeled', *labeled, '--out', killed, '--refill') == 0
    assert convert('nyu_labeled', *labeled, '--out', undisturbed, '--refill') == 0
    assert files_of(killed) == files_of(undisturbed)
    assert {path: path.stat().st_mtime_ns for path in finished} == finished


@pytest.mark.parametrize(
    ('error', 'status', 'message'),
    [
        (SampleError('a.png: truncated'), 2, 'error: a.png: truncated'),
        (FileNotFoundError('no a.mat'), 2, 'error: no a.mat'),
        (KeyboardInterrupt(), 130, 'interrupted: the same command continues where this one ended'),
    ],
)
def test_errors_end_in_one_line_and_a_status(capsys, error, status, message):
    def main():
        raise error

    with pytest.raises(SystemExit) as caught:
        run(main)
    assert caught.value.code == status
    assert capsys.readouterr().err.strip() == message


def fail_on_odd(number):
    if number % 2:
        raise SampleError(f'{number} is odd')
    return Outcome(DepthStats(number, number, number, 1.0))


@pytest.mark.parametrize('workers', [1, 2])
def test_outcomes_come_in_the_order_of_the_items(workers):
    outcomes = parallel_map(fail_on_odd, list(range(9)), workers, 'numbers')
    assert [outcome.problem or outcome.stats.median for outcome in outcomes] == [
        f'{number} is odd' if number % 2 else number for number in range(9)
    ]


INTERRUPTED_TWICE = """
import sys, time
from depthdecomp_mm.converter_command_line import run
from depthdecomp_mm.parallel import parallel_map

def main():
    for _ in parallel_map(time.sleep, [0, *[60] * 9], 2, 'depthdecomp_mm.parallel'):
        print('started', flush=True)

run(main)
"""


def test_a_second_interruption_does_not_hang(repo_root):
    """The workers would sleep for minutes; both signals go to them, too, as a terminal's do."""
    process = subprocess.Popen(
        [sys.executable, '-c', INTERRUPTED_TWICE],
        cwd=repo_root,
        env={**os.environ, 'PYTHONPATH': str(repo_root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout.readline() == 'started\n'
    for _ in range(2):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.2)
    error = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert error.strip() == 'interrupted: the same command continues where this one ended'


def holds_back_interruption(_):
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_workers_do_not_see_an_interruption_from_their_start_on():
    """They import for seconds before they can ignore it, and would show tracebacks."""
    assert all(parallel_map_of_all(holds_back_interruption, range(4), 2, 'depthdecomp_mm.parallel'))
    assert not holds_back_interruption(None)


def test_an_error_ends_the_other_workers():
    started = time.monotonic()
    with pytest.raises(TypeError):
        list(
            parallel_map_of_all(time.sleep, ['no number', *[60] * 9], 2, 'depthdecomp_mm.parallel')
        )
    assert time.monotonic() - started < 30
