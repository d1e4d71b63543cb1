"""Training in phases (Section 4.3 of the paper)."""

from __future__ import annotations

import copy
import gc
import os.path as osp
from logging.handlers import MemoryHandler
from pathlib import Path

from mmengine.config import Config, ConfigDict
from mmengine.dist import barrier, get_world_size, is_main_process
from torch import nn

from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.registry import RUNNERS

from .checkpoint import (
    forget_checkpoints,
    latest_checkpoint,
    read_checkpoint,
    read_meta,
)
from .config_check import build_structure, check_config
from .data_check import check_data
from .disk import check_folder
from .global_batch import share_batch, warn_of_change
from .launch import join_processes, process_count
from .lock import only_training
from .logs import kept_messages, write_messages
from .origin import check_origin, record_origin
from .phases import phase_config, phase_folder, read_phases
from .runner import DepthRunner
from .shared_folder import check_shared
from .weights import covers, weights_of


@RUNNERS.register_module()
class PhasedRunner:
    """Runs the phases of a config one after another, each with a runner of its own.

    ``cfg.phases`` holds overlays by name: each is merged into the rest of the config and says what
    differs in its phase (decoders that take part, epochs, schedule), see
    :func:`~depthdecomp_mm.engine.phases.read_phases`. Every phase has a fresh optimiser, schedule
    and distributed wrapper, works in ``<work_dir>/<name>`` and starts from the last weights of the
    phase before. A config without ``phases`` is one phase, in ``work_dir`` itself.

    With ``cfg.resume`` training goes on from the last checkpoint that is whole, in the last phase
    that has one, or with the next phase if that one is finished; with ``cfg.load_from`` beside it,
    training goes on from that checkpoint in its phase. Where ``resume`` is ``'auto'``,
    ``load_from`` holds the weights to start from if there is no checkpoint yet. All phases are
    checked before the first one starts.

    With ``cfg.keep_global_batch`` the processes of a distributed run share the config's batch out
    among them, its quotas included; else each has all of it, which a warning says.

    Args:
        cfg: The config, as MMEngine's runner takes it.

    Raises:
        ConfigError: If the phases cannot be read, or a phase's config cannot work.
        CheckpointError: If the checkpoint to resume from lies in no phase's folder.
        OSError: If the work directory cannot be written to or has no room.
    """

    def __init__(self, cfg: Config) -> None:
        self.cfg = copy.deepcopy(cfg)
        self.names = list(read_phases(self.cfg))
        if self.cfg.get('work_dir') is None:
            raise ValueError('work_dir is not set')
        self._keeps_batch = self.cfg.pop('keep_global_batch', False)
        if self._keeps_batch:
            share_batch(self.cfg, process_count(self.cfg.get('launcher', 'none')))

    @classmethod
    def from_cfg(cls, cfg: Config) -> PhasedRunner:
        """Build from a config, as ``RUNNERS.build`` does."""
        return cls(cfg)

    def phase_cfg(self, index: int) -> Config:
        """The config of a phase: its overlay merged, its work directory and name set."""
        name = self.names[index]
        cfg = phase_config(self.cfg, name)
        cfg.work_dir = phase_folder(self.cfg.work_dir, name)
        if name:
            stem = Path(self.cfg.filename or 'depthdecomp').stem
            cfg.experiment_name = f'{cfg.get("experiment_name") or stem}_{name}'
        return cfg

    def train(self) -> nn.Module:
        """Train the phases that are not finished.

        Returns:
            The model after the last phase.
        """
        phases = {name: self.phase_cfg(index) for index, name in enumerate(self.names)}
        for name, cfg in phases.items():
            check_config(cfg, name)
        check_folder(self.cfg.work_dir, 'work_dir')
        env_cfg = self.cfg.get('env_cfg') or {}
        join_processes(self.cfg.get('launcher', 'none'), env_cfg.get('dist_cfg'))
        check_shared(self.cfg.work_dir)
        check_data(phases)
        with only_training(self.cfg.work_dir):
            barrier()  # the main process has the lock
            with kept_messages() as kept:
                if not self._keeps_batch:
                    warn_of_change(phases.values(), get_world_size())
                start, checkpoint = self._start(phases)
            return self._train_from(start, checkpoint, kept)

    def _start(self, phases: dict[str, Config]) -> tuple[int, str | None]:
        """Decide where to start, see :meth:`_resume_point`, and prepare the work directory."""
        check_origin(self.cfg.work_dir, phases)
        start, checkpoint = self._resume_point()
        barrier()  # all processes have decided
        if is_main_process():
            record_origin(self.cfg.work_dir, phases)
            for cfg in list(phases.values())[start + bool(checkpoint) :]:
                # now: were this run killed before it comes there, they would be taken for its own
                forget_checkpoints(cfg.work_dir)
        return start, checkpoint

    def _train_from(self, start: int, checkpoint: str | None, kept: MemoryHandler) -> nn.Module:
        """Train from a phase on, which is resumed if a checkpoint is given."""
        weights = None if self._resumes_from_file() else self.cfg.get('load_from')
        if start:
            weights = latest_checkpoint(self.phase_cfg(start - 1).work_dir)
        for index in range(start, len(self.names)):
            model = None  # that of the phase before, whose memory this one needs
            gc.collect()
            cfg = self.phase_cfg(index)
            cfg.resume = index == start and bool(checkpoint)
            cfg.load_from = checkpoint if cfg.resume else weights
            if cfg.resume:
                _resume_seed(cfg, checkpoint)
            if cfg.resume or (weights and self._holds_encoder(weights, cfg, carried=index > 0)):
                _skip_pretrained(cfg.model)
            model = self._train_phase(index, cfg, kept)
            barrier()  # all ranks take the same checkpoint, which the first one writes
            weights = latest_checkpoint(cfg.work_dir)
            if weights is None and index + 1 < len(self.names):
                raise CheckpointError(
                    f'{cfg.work_dir}: no checkpoint for the next phase to start from'
                )
        return model

    def _train_phase(self, index: int, cfg: Config, kept: MemoryHandler) -> nn.Module:
        runner = DepthRunner.from_cfg(cfg)
        runner.is_later_phase = index > 0
        write_messages(kept, runner.logger)
        title = f'phase {index + 1} of {len(self.names)}: {self.names[index] or "training"}'
        runner.logger.info(f'===== Start of {title} =====')
        model = runner.train()
        runner.logger.info(f'===== End of {title} =====')
        return model

    @staticmethod
    def _holds_encoder(weights: str, cfg: Config, carried: bool) -> bool:
        """Whether a checkpoint holds all of a phase's encoder.

        Raises:
            CheckpointError: If it does not, but is carried over from the phase before.
        """
        encoder = getattr(build_structure(cfg), 'encoder', None)
        held = encoder is None or covers(
            weights_of(read_checkpoint(weights, mmap=True), weights), 'encoder', encoder
        )
        if carried and not held:
            raise CheckpointError(f'{weights}: holds another encoder than {cfg.model.encoder}')
        return held

    def test(self) -> dict:
        """Evaluate ``cfg.load_from`` with the last phase's network.

        Returns:
            The metrics.
        """
        return DepthRunner.from_cfg(self.phase_cfg(-1)).test()

    def _resumes_from_file(self) -> bool:
        resume, load_from = self.cfg.get('resume'), self.cfg.get('load_from')
        return bool(resume and load_from) and resume != 'auto'

    def _resume_point(self) -> tuple[int, str | None]:
        """Index of the phase to go on with, and the checkpoint to resume it from."""
        if not self.cfg.get('resume'):
            return 0, None
        directories = [osp.abspath(self.phase_cfg(i).work_dir) for i in range(len(self.names))]
        if self._resumes_from_file():
            read_meta(self.cfg.load_from)
            folder = osp.dirname(osp.abspath(self.cfg.load_from))
            if folder not in directories:
                raise CheckpointError(
                    f'cannot tell the phase of the checkpoint {self.cfg.load_from}: it lies in '
                    f'none of {directories}'
                )
            return directories.index(folder), self.cfg.load_from
        for index in reversed(range(len(directories))):
            latest = latest_checkpoint(directories[index])
            if latest is None:
                continue
            last = index == len(directories) - 1
            if last or not _finished(latest, self.phase_cfg(index).train_cfg):
                return index, latest
            return index + 1, None
        return 0, None


def _finished(checkpoint: str, train_cfg: ConfigDict) -> bool:
    meta = read_checkpoint(checkpoint, mmap=True)['meta']
    if train_cfg.get('by_epoch', True):
        return meta['epoch'] >= train_cfg.max_epochs
    return meta['iter'] >= train_cfg.max_iters


def _resume_seed(cfg: Config, checkpoint: str) -> None:
    """Go on with the seed that the run drew for itself, if the config gives none."""
    randomness = cfg.get('randomness') or {}
    if randomness.get('seed') is None:
        seed = read_checkpoint(checkpoint, mmap=True)['meta'].get('seed')
        cfg.randomness = dict(randomness, seed=seed)


def _skip_pretrained(model: ConfigDict) -> None:
    """Weights are carried over: do not fetch the encoder's pretrained ones only to replace them."""
    encoder = model.get('encoder', {})
    for part in (encoder, encoder.get('backbone', {})):
        for key in ('pretrained', 'checkpoint_path', 'init_cfg'):
            part.pop(key, None)
