"""Runs trained and tested by the command lines, a few at once, each in processes of its own."""

from __future__ import annotations

import fcntl
import itertools
import os
import queue
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from depthdecomp_mm.config_names import load_config
from depthdecomp_mm.engine.global_batch import batch_shares
from depthdecomp_mm.engine.origin import different_keys
from depthdecomp_mm.engine.phases import phase_folder, read_phases
from depthdecomp_mm.files import write_bytes, write_json

from .common_phases import take_over
from .digest import decisive_settings
from .plan import Run
from .processes import Ended, Processes, RunError
from .results import read_json


@dataclass(frozen=True)
class Slots:
    """Where runs go.

    Args:
        jobs: Runs at once.
        gpus: Ids of GPUs to share out evenly among them; without any, all see what is there.
    """

    jobs: int = 1
    gpus: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.jobs < 1 or (self.gpus and len(self.gpus) % self.jobs):
            raise RunError(f'{len(self.gpus)} GPUs cannot be shared out among {self.jobs} jobs')

    def places(self) -> list[tuple[str, ...]]:
        """GPU ids of each slot."""
        share = len(self.gpus) // self.jobs
        return [self.gpus[i * share : (i + 1) * share] for i in range(self.jobs)]


def run_all(
    runs: Iterable[Run],
    work_dir: str | Path,
    tools: str | Path,
    slots: Slots = Slots(),
    report: Callable[[str], None] = print,
    finished: Callable[[], None] = lambda: None,
) -> list[str]:
    """Train and test the runs that are not finished.

    A run that was interrupted goes on from its last checkpoint; one that another process runs is
    waited for. When this process is asked to end, the runs are asked to save and end, too.

    Args:
        runs: In the order in which they are started.
        work_dir: Folder of the runs' folders.
        tools: Folder of ``train.py`` and ``test.py``.
        slots: How many run at once, and where. A run on several GPUs shares out its batch among
            them, so that it learns what it would on one.
        report: Called with a line when a run starts, ends or fails.
        finished: Called in this thread after each run that is finished.

    Returns:
        A line for each run that failed.

    Raises:
        RunError: Before anything starts, if a run's folder was made with another config.
        ConfigError: Before anything starts, if a run's batch cannot be shared out.
    """
    todo = [run for run in runs if not is_finished(run, work_dir)]
    for run in todo:
        batch_shares(run.load_config(), len(slots.places()[0]))
        _prepare(run, work_dir)
    processes, free, failures = Processes(), queue.SimpleQueue(), []
    for slot in slots.places():
        free.put(slot)

    def one(run: Run) -> dict:
        gpus = free.get()
        name = f'{run.name} seed {run.seed}'

        def tell(verb: str, text: str) -> None:
            report(f'{verb:<8}{name}: {text}')

        try:
            report(f'start   {name}')
            return _train_and_test(run.directory(work_dir), Path(tools), gpus, processes, tell)
        finally:
            free.put(gpus)

    with ThreadPoolExecutor(slots.jobs) as pool:
        try:
            runs = {pool.submit(one, run): run for run in todo}
            pending = set(runs)
            while pending:
                done, pending = wait(pending, timeout=1, return_when=FIRST_COMPLETED)
                for future in done:
                    name = f'{runs[future].name} seed {runs[future].seed}'
                    try:
                        report(f'done    {name}: {_brief(future.result())}')
                    except Exception as error:  # of this run; the others go on
                        failures.append(f'{name}: {error}')
                        report(f'FAILED  {failures[-1]}')
                    else:
                        finished()
        except BaseException:
            processes.end()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return failures


def is_finished(run: Run, work_dir: str | Path) -> bool:
    """Whether the run's metrics are there and were made with the config as it is now.

    Raises:
        RunError: If the run was begun with other settings that decide its results.
    """
    directory = run.directory(work_dir)
    if (directory / 'config.py').is_file():
        configs = load_config(directory / 'config.py'), run.load_config()
        differing = different_keys(*map(decisive_settings, configs))
        if differing:
            raise RunError(
                f'{directory} was made with another config than {run.config} now gives: '
                f'differs in {", ".join(differing[:5])}; remove it (its results stay in '
                'results.json, but in no table), or give another --work-dir'
            )
    return (directory / 'metrics.json').is_file()


def _prepare(run: Run, work_dir: str | Path) -> None:
    directory = run.directory(work_dir)
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / 'config.py').is_file():
        write_bytes(directory / 'config.py', run.load_config().pretty_text.encode())


def _train_and_test(
    directory: Path,
    tools: Path,
    gpus: tuple,
    processes: Processes,
    tell: Callable[[str, str], None],
) -> dict:
    """Train and test a run, unless another process has just done so."""
    with (directory / '.lock').open('w') as lock:
        _take(lock, processes, tell)
        if not (directory / 'metrics.json').is_file():
            for phase, other in take_over(directory).items():
                tell('take', f'{phase} as it was trained in {other}')
            _train(directory, tools, gpus, processes, lock.fileno())
            _test(directory, tools, gpus, processes, lock.fileno())
    return read_json(directory / 'metrics.json')


def _take(lock: TextIO, processes: Processes, tell: Callable[[str, str], None]) -> None:
    """Take a run's lock; a training that outlived the command that started it may have it."""
    for attempt in itertools.count():
        if processes.ended:
            raise RunError('stopped')
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not attempt:
                tell('wait', 'until another process has ended that runs it')
            time.sleep(0.5)


def _train(directory: Path, tools: Path, gpus: tuple, processes: Processes, lock: int) -> None:
    config = directory / 'config.py'
    command = [*_launch(tools / 'train.py', gpus), str(config), '--work-dir', str(directory)]
    command += ['--resume', '--keep-global-batch', *_launcher(gpus)]
    trained = processes.call(command, directory / 'console.log', gpus, lock)
    _record(directory, trained, gpus)
    trained.check()


def _test(directory: Path, tools: Path, gpus: tuple, processes: Processes, lock: int) -> None:
    config, results = directory / 'config.py', directory / '.metrics.json'
    command = [*_launch(tools / 'test.py', gpus), str(config), str(last_checkpoint(directory))]
    command += ['--tta', '--work-dir', str(directory / 'test'), '--out', str(results)]
    command += _launcher(gpus)
    processes.call(command, directory / 'console.log', gpus, lock).check()
    os.replace(results, directory / 'metrics.json')  # last: the run is finished


def last_checkpoint(directory: Path) -> Path:
    """The checkpoint that the last phase of a finished training ended with."""
    last = list(read_phases(load_config(directory / 'config.py')))[-1]
    folder = Path(phase_folder(str(directory), last))
    return folder / Path((folder / 'last_checkpoint').read_text().strip()).name


def _launch(tool: Path, gpus: tuple) -> list[str]:
    torchrun = ['-m', 'torch.distributed.run', '--standalone', f'--nproc_per_node={len(gpus)}']
    return [sys.executable, *(torchrun if len(gpus) > 1 else []), str(tool)]


def _launcher(gpus: tuple) -> list[str]:
    return ['--launcher', 'pytorch'] if len(gpus) > 1 else []


def _record(directory: Path, trained: Ended, gpus: tuple) -> None:
    """Add the time of a start to that of the starts before it."""
    path = directory / 'run.json'
    before = read_json(path) if path.is_file() else {}
    record = dict(gpus=len(gpus))
    for key in ('seconds', 'cpu_seconds'):
        record[key] = before.get(key, 0) + getattr(trained, key)
    write_json(path, record, indent=2)


def _brief(metrics: dict) -> str:
    return ', '.join(
        f'{key} {metrics[key]:.4g}' for key in ('rmse', 'abs_rel', 'tau') if key in metrics
    )
