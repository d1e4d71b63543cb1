"""Kill a training run at random moments, resume it, and compare it with an undisturbed run.

Usage: OMP_NUM_THREADS=1 python -m tests.reliability.kill_and_resume [--rounds 20] [--kills 4]

Each round trains two phases on a few rendered images, with augmentation, dropout, metric and
relative data, worker processes, EMA and a schedule; checkpoints are saved by epoch in every other
round, else by iteration. SIGKILL hits while the process does what was drawn for it, some random
time after it began to; then the run is resumed, until it ends by itself. The checkpoints at the end
of both phases must hold, bit by bit, what those of the undisturbed run hold.
"""

from __future__ import annotations

import argparse
import ctypes
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import ValLoop

from depthdecomp_mm.engine import DepthRunner, DepthTrainLoop, PhasedRunner
from depthdecomp_mm.engine.checkpoint import latest_checkpoint, read_checkpoint
from depthdecomp_mm.workshop.rooms import make_rooms

ROOT = Path(__file__).resolve().parents[2]
PHASES = ('phase1', 'phase2')
COMPARED = ('state_dict', 'ema_state_dict', 'optimizer', 'param_schedulers')
# what a process may be doing, and for about how many seconds
MOMENTS = dict(building=1.0, training=1.0, validating=0.3, writing=0.03, between_phases=0.03)
NAMES = tuple(MOMENTS)
fork = multiprocessing.get_context('fork')  # the parent imports what children would spend most on


def tiny_config(rooms: str | Path, work_dir: str | Path, by_epoch: bool = True) -> Config:
    """Phases of 2 and 3 epochs, of 4 batches of 4 images each."""
    cfg = Config.fromfile(ROOT / 'configs' / 'depthdecomp' / 'rooms_hrwsi.py')
    workers = {
        f'{part}_dataloader.{key}': value
        for part in ('train', 'val')
        for key, value in dict(num_workers=1, persistent_workers=True).items()
    }
    checkpoint = dict(type='CheckpointHook', interval=1 if by_epoch else 3, by_epoch=by_epoch)
    cfg.merge_from_dict(
        {
            'model.encoder.model_name': 'mobilenetv4_conv_small',
            'train_dataloader.batch_size': 4,
            'train_dataloader.sampler.quotas': dict(metric=2, relative=2),
            'train_dataloader.dataset.datasets.metric.data_root': f'{rooms}/nyu/',
            'train_dataloader.dataset.datasets.relative.data_root': f'{rooms}/hrwsi/',
            'val_dataloader.dataset.data_root': f'{rooms}/nyu/',
            'test_dataloader.dataset.data_root': f'{rooms}/nyu/',
            'val_evaluator': [dict(type='DepthMetric', crop=None)],
            'phases.phase1.train_cfg.max_epochs': 2,
            'phases.phase1.val_evaluator': [
                dict(type='KendallTau', pred_key='pred_normalized_map')
            ],
            'train_cfg.max_epochs': 3,
            'param_scheduler': [dict(type='StepLR', step_size=1, gamma=0.7, by_epoch=True)],
            'custom_hooks': [dict(type='EMAHook', momentum=0.1)],
            'default_hooks.visualization.draw': False,
            'default_hooks.checkpoint': dict(checkpoint, max_keep_ckpts=2),
            'visualizer.vis_backends': [],
            'work_dir': str(work_dir),
            **workers,
        }
    )
    for loader in (*cfg.train_dataloader.dataset.datasets.values(), cfg.val_dataloader.dataset):
        for transform in loader.pipeline:
            if transform.type == 'Resize':
                transform.scale = (64, 48)
    return cfg


class Trainer:
    """A training run in a process of its own, which tells what it is doing.

    Args:
        cfg (Config): The config.
        resume (bool): Whether to resume.
    """

    def __init__(self, cfg: Config, resume: bool) -> None:
        self._moment = fork.Value(ctypes.c_int, 0, lock=False)
        self._entered = fork.Array(ctypes.c_int, len(NAMES), lock=False)
        cfg = Config(dict(cfg, resume='auto' if resume else False), filename=cfg.filename)
        self.log = Path(f'{cfg.work_dir}.log')
        self.process = fork.Process(target=self._train, args=(cfg,))
        self.process.start()

    @property
    def moment(self) -> str:
        """What the process is doing."""
        return NAMES[self._moment.value]

    def wait_for(self, moment: str, times: int) -> bool:
        """Wait until it does something for the n-th time; False if it ended before."""
        while self.process.is_alive():
            if self._entered[NAMES.index(moment)] >= times:
                return True
            time.sleep(0.001)
        return False

    def kill(self, with_workers: bool) -> str:
        """Send SIGKILL, also to the data loaders' workers or not; what it was doing."""
        moment = self.moment
        try:
            (os.killpg if with_workers else os.kill)(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.join()
        return moment

    def finish(self) -> None:
        """Wait for its end."""
        self.process.join()
        if self.process.exitcode:
            sys.exit(
                f'training failed with {self.process.exitcode}:\n{self.log.read_text()[-5000:]}'
            )

    def _train(self, cfg: Config) -> None:
        os.setpgid(0, 0)
        torch.set_num_threads(1)
        sys.stdout = sys.stderr = self.log.open('a', buffering=1)
        self._announce(DepthRunner, '__init__', 'building', 'building')
        self._announce(DepthRunner, 'train', None, 'between_phases')
        self._announce(DepthRunner, 'save_checkpoint', 'writing')
        self._announce(DepthTrainLoop, 'run_epoch', 'training')
        self._announce(ValLoop, 'run', 'validating')
        self._enter('building')
        PhasedRunner.from_cfg(cfg).train()

    def _enter(self, moment: str) -> None:
        self._moment.value = NAMES.index(moment)
        self._entered[self._moment.value] += 1

    def _announce(self, owner: type, name: str, during: str | None, after: str = '') -> None:
        """Let a method tell when it begins and ends."""
        method = getattr(owner, name)

        def announced(*args, **kwargs):
            before = self._moment.value
            if during:
                self._enter(during)
            result = method(*args, **kwargs)
            if after:
                self._enter(after)
            else:
                self._moment.value = before
            return result

        setattr(owner, name, announced)


def disturbed_run(cfg: Config, kills: int, dice: random.Random) -> Counter:
    """Train with so many kills; how often each moment was hit."""
    hit: Counter = Counter()
    resume = False
    while sum(hit.values()) < kills:
        trainer = Trainer(cfg, resume)
        moment = dice.choice(NAMES)
        if not trainer.wait_for(moment, dice.randint(1, 2)):
            trainer.finish()
            return hit
        time.sleep(dice.uniform(0, MOMENTS[moment]))
        if not trainer.process.is_alive():
            trainer.finish()
            return hit
        hit[trainer.kill(with_workers=dice.random() < 0.5)] += 1
        resume = True
    Trainer(cfg, resume).finish()
    return hit


def differences(one: str | Path, two: str | Path) -> list[str]:
    """Where the last checkpoints of two work directories differ."""
    return [
        f'{phase}.{found}'
        for phase in PHASES
        for found in checkpoint_differences(f'{one}/{phase}', f'{two}/{phase}')
    ]


def checkpoint_differences(one: str | Path, two: str | Path) -> list[str]:
    """Where the last checkpoints of two folders differ."""
    a, b = (read_checkpoint(latest_checkpoint(str(folder))) for folder in (one, two))
    return [
        f'{key}{path}'
        for key in COMPARED
        if key in a or key in b
        for path in _differences(a[key], b[key])
    ]


def _differences(a: object, b: object, path: str = '') -> list[str]:
    if type(a) is not type(b):
        return [path]
    if isinstance(a, dict):
        if a.keys() != b.keys():
            return [path]
        return [p for key in a for p in _differences(a[key], b[key], f'{path}.{key}')]
    if isinstance(a, (list, tuple)):
        if len(a) != len(b):
            return [path]
        pairs = enumerate(zip(a, b, strict=True))
        return [p for i, (x, y) in pairs for p in _differences(x, y, f'{path}.{i}')]
    same = torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b
    return [] if same else [path]


def undisturbed_run(rooms: Path, work_dir: Path, by_epoch: bool) -> Path:
    """Train in one go."""
    Trainer(tiny_config(rooms, work_dir, by_epoch), resume=False).finish()
    return work_dir


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--rounds', type=int, default=20)
    parser.add_argument('--kills', type=int, default=4, help='kills in a round')
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    dice, total, failed = random.Random(args.seed), Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        make_rooms(folder / 'rooms', 8, 6, 8, 2, size=(64, 48), workers=1)
        reference = {
            by_epoch: undisturbed_run(folder / 'rooms', folder / f'whole_{by_epoch}', by_epoch)
            for by_epoch in (True, False)
        }
        print('round  checkpoints  ' + '  '.join(NAMES) + '  bit-identical')
        for index in range(args.rounds):
            by_epoch = index % 2 == 0
            work = folder / f'round{index}'
            hit = disturbed_run(tiny_config(folder / 'rooms', work, by_epoch), args.kills, dice)
            differs = differences(reference[by_epoch], work)
            total += hit
            failed += bool(differs)
            row = '  '.join(f'{hit[name]:{len(name)}}' for name in NAMES)
            kind = 'by epoch' if by_epoch else 'by iter'
            print(f'{index + 1:5}  {kind:11}  {row}  {"NO" if differs else "yes"}', flush=True)
            for name in differs[:5]:
                print(f'       differs: {name}')
    row = '  '.join(f'{total[name]:{len(name)}}' for name in NAMES)
    print(f'  all               {row}')
    survived = args.rounds - failed
    print(f'{sum(total.values())} kills, {survived} of {args.rounds} runs bit-identical')
    sys.exit(bool(failed))


if __name__ == '__main__':
    main()
