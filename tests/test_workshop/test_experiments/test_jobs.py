"""Scheduling, with stand-ins for tools/train.py and tools/test.py; one run with the real ones."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.workshop.experiments import Run, RunError, Slots, jobs, run_all

ROOT = Path(__file__).resolve().parents[3]
TRAIN = """
import os, sys, pathlib, time
from mmengine.config import Config
work_dir = pathlib.Path(sys.argv[sys.argv.index('--work-dir') + 1])
cfg = Config.fromfile(sys.argv[1])
with open(work_dir.parents[1] / 'calls', 'a') as calls:
    calls.write(f"{cfg.experiment_name} {os.environ.get('CUDA_VISIBLE_DEVICES')}\\n")
time.sleep(cfg.get('env_cfg', {}).get('sleep', 0))
if cfg.get('env_cfg', {}).get('fail'):
    sys.exit('out of memory')
(work_dir / 'last').mkdir()
(work_dir / 'last' / 'last_checkpoint').write_text(str(work_dir / 'last' / 'epoch_1.pth'))
"""
TEST = """
import json, sys, pathlib
from mmengine.config import Config
assert sys.argv[2].endswith('last/epoch_1.pth'), sys.argv
out = pathlib.Path(sys.argv[sys.argv.index('--out') + 1])
out.write_text(json.dumps(dict(rmse=Config.fromfile(sys.argv[1]).randomness.seed / 10)))
"""


@pytest.fixture
def tools(tmp_path):
    folder = tmp_path / 'tools'
    folder.mkdir()
    (folder / 'train.py').write_text(TRAIN)
    (folder / 'test.py').write_text(TEST)
    return folder


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'config.py'
    path.write_text('phases = dict(first=dict(), last=dict())\n')
    return path


def calls(tmp_path):
    return sorted((tmp_path / 'work' / 'calls').read_text().split('\n')[:-1])


def test_runs_are_trained_and_tested_once(tmp_path, tools, config):
    runs = [Run('a', 1, config), Run('b', 2, config)]
    assert run_all(runs, tmp_path / 'work', tools, Slots(2, ('4', '7'))) == []
    metrics = tmp_path / 'work' / 'b' / 'seed_2' / 'metrics.json'
    assert json.loads(metrics.read_text()) == dict(rmse=0.2)
    record = json.loads(metrics.with_name('run.json').read_text())
    assert record['gpus'] == 1
    assert 0 < record['cpu_seconds'] < record['seconds'] * os.cpu_count() + 1
    assert {line.split()[1] for line in calls(tmp_path)} <= {'4', '7'}
    before = calls(tmp_path)
    assert run_all(runs, tmp_path / 'work', tools) == []
    assert calls(tmp_path) == before


def test_a_phase_that_is_taken_over_is_told(tmp_path, tools, config, monkeypatch):
    monkeypatch.setattr(jobs, 'take_over', lambda folder: {'first': folder / 'of another'})
    lines = []
    run_all([Run('a', 0, config)], tmp_path / 'work', tools, report=lines.append)
    other = tmp_path / 'work' / 'a' / 'seed_0' / 'of another'
    assert lines[1] == f'take    a seed 0: first as it was trained in {other}'


def test_a_failure_is_told_and_the_other_runs_go_on(tmp_path, tools, config):
    runs = [Run('a', 0, config, {'env_cfg.fail': True}), Run('b', 0, config)]
    (failure,) = run_all(runs, tmp_path / 'work', tools)
    log = tmp_path / 'work' / 'a' / 'seed_0' / 'console.log'
    assert failure == f'a seed 0: exit status 1; see {log}'
    assert 'out of memory' in log.read_text()
    assert (tmp_path / 'work' / 'b' / 'seed_0' / 'metrics.json').is_file()
    first = json.loads((log.parent / 'run.json').read_text())['seconds']
    run_all(runs, tmp_path / 'work', tools)
    assert json.loads((log.parent / 'run.json').read_text())['seconds'] > 1.5 * first


def test_a_cut_off_record_ends_its_own_run_only(tmp_path, tools, config):
    record = tmp_path / 'work' / 'a' / 'seed_0' / 'run.json'
    record.parent.mkdir(parents=True)
    record.write_text('{"seconds": 1')
    runs = [Run('a', 0, config), Run('b', 0, config, {'env_cfg.sleep': 1})]
    (failure,) = run_all(runs, tmp_path / 'work', tools, Slots(2))
    assert failure.startswith('a seed 0: ') and str(record) in failure
    assert (tmp_path / 'work' / 'b' / 'seed_0' / 'metrics.json').is_file()


def test_results_of_another_config_are_not_taken(tmp_path, tools, config):
    run_all([Run('a', 0, config)], tmp_path / 'work', tools)
    config.write_text(config.read_text() + 'train_cfg = dict(max_epochs=3)\n')
    with pytest.raises(RunError, match='another config.*differs in first.train_cfg'):
        run_all([Run('a', 0, config)], tmp_path / 'work', tools)


def test_names_that_decide_nothing_may_change(tmp_path, tools, config):
    run_all([Run('a', 0, config)], tmp_path / 'work', tools)
    metrics = tmp_path / 'work' / 'a' / 'seed_0' / 'metrics.json'
    before = metrics.stat().st_mtime_ns
    config.write_text(config.read_text() + 'frames_of_others = dict(count=3)\n')
    assert run_all([Run('a', 0, config)], tmp_path / 'work', tools) == []
    assert metrics.stat().st_mtime_ns == before


@pytest.mark.parametrize('slots', [(0, ()), (2, ('0', '1', '2'))])
def test_slots_that_cannot_be_filled_are_refused(slots):
    with pytest.raises(RunError, match='shared out'):
        Slots(*slots)


def test_a_batch_that_cannot_be_shared_out_is_refused_before_anything_starts(
    tmp_path, tools, config
):
    loader = dict(batch_size=16, sampler=dict(quotas=dict(metric=12, relative=4)))
    run = Run('a', 0, config, {'train_dataloader': loader})
    with pytest.raises(ConfigError, match='quotas.metric=12 cannot be shared out among 8 proc'):
        run_all([run], tmp_path / 'work', tools, Slots(1, tuple('01234567')))
    assert not (tmp_path / 'work').exists()


def test_training_on_two_gpus_shares_out_its_batch(tmp_path, tools, config, monkeypatch):
    commands = []

    def call(self, command, *_):
        commands.append(command)
        return jobs.Ended(1, 0.0, 0.0, tmp_path)

    monkeypatch.setattr(jobs.Processes, 'call', call)
    loader = dict(batch_size=16, sampler=dict(quotas=dict(metric=8, relative=8)))
    run = Run('a', 0, config, {'train_dataloader': loader})
    assert len(run_all([run], tmp_path / 'work', tools, Slots(1, ('0', '1')))) == 1
    (command,) = commands
    assert '--nproc_per_node=2' in command and '--resume' in command
    assert '--keep-global-batch' in command


def test_gpus_are_shared_out():
    assert Slots(2, ('0', '1', '2', '3')).places() == [('0', '1'), ('2', '3')]


def test_a_killed_command_given_again_waits_for_what_it_left_and_sigterm_ends_runs(
    tmp_path, tools, config
):
    """A training outlives SIGKILL of the command; the next one starts no second one of it."""
    script = tmp_path / 'command.py'
    script.write_text(
        'import signal, sys\n'
        'from depthdecomp_mm.workshop.experiments import Run, run_all\n'
        'signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\n'
        f"run_all([Run('a', 0, {str(config)!r}, {{'env_cfg.sleep': 60}})], "
        f'{str(tmp_path / "work")!r}, {str(tools)!r}, '
        f'report=lambda line: open({str(tmp_path / "report")!r}, "a").write(line))\n'
    )

    def start():
        return subprocess.Popen([sys.executable, script])

    killed = start()
    _wait_for(tmp_path / 'work' / 'calls')
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    second = start()
    _wait_for(tmp_path / 'report', text='wait    a seed 0')
    assert len(calls(tmp_path)) == 1
    os.kill(_pid_of_training(tmp_path), signal.SIGKILL)
    _wait_for(tmp_path / 'work' / 'calls', text='\na None')  # now it goes on with the run
    second.terminate()
    assert second.wait(timeout=60) == 143
    assert _pid_of_training(tmp_path) is None


def test_a_run_that_another_command_finished_meanwhile_is_taken_over(tmp_path, tools, config):
    runs, lines = [Run('a', 0, config, {'env_cfg.sleep': 2})], []
    other = threading.Thread(target=run_all, args=(runs, tmp_path / 'work', tools))
    other.start()
    _wait_for(tmp_path / 'work' / 'calls')
    assert run_all(runs, tmp_path / 'work', tools, report=lines.append) == []
    other.join()
    assert len(calls(tmp_path)) == 1
    assert [line.split()[0] for line in lines] == ['start', 'wait', 'done']


def _wait_for(path, seconds=120, text=''):
    end = time.monotonic() + seconds
    while not path.exists() or text not in path.read_text():
        assert time.monotonic() < end, f'{path} did not appear, or without {text!r}'
        time.sleep(0.1)


def _pid_of_training(tmp_path):
    """The stand-in for train.py that works in this test's folder."""
    for entry in Path('/proc').glob('[0-9]*/cmdline'):
        try:
            command = entry.read_bytes().split(b'\0')
        except OSError:
            continue
        if str(tmp_path / 'tools' / 'train.py').encode() in command:
            return int(entry.parent.name)
    return None
