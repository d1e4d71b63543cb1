"""Training in phases (Section 4.3 of the paper)."""

from __future__ import annotations

import copy
import gc
import os.path as osp
from pathlib import Path

import torch
from mmengine.config import Config, ConfigDict
from mmengine.dist import is_distributed
from mmengine.fileio import join_path
from mmengine.runner import Runner, find_latest_checkpoint
from timm.layers import convert_sync_batchnorm
from torch import nn

from depthdecomp_mm.registry import RUNNERS


@RUNNERS.register_module()
class DepthRunner(Runner):
    """MMEngine's runner, with three things it lacks.

    ``sync_bn='torch'`` keeps the activations that timm fuses into its BatchNorm layers (MMEngine's
    own conversion drops them); the ``pytorch`` launcher works on machines without a GPU, over gloo;
    and a checkpoint that does not fit the network is refused when it is tested.
    """

    _strict = False

    def setup_env(self, env_cfg: dict) -> None:
        if self.distributed and not is_distributed() and not torch.cuda.is_available():
            torch.distributed.init_process_group('gloo')
        super().setup_env(env_cfg)

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        if self.distributed and not torch.cuda.is_available():
            self.cfg.sync_bn = None  # PyTorch has it for GPUs only
            model_wrapper_cfg = dict(device_ids=None, broadcast_buffers=False) | (
                model_wrapper_cfg or {}
            )
        elif self.distributed and self.cfg.get('sync_bn') == 'torch':
            model = convert_sync_batchnorm(model)
            self.cfg.sync_bn = None
        return super().wrap_model(model_wrapper_cfg, model)

    def test(self) -> dict:
        self._strict = True
        return super().test()

    def load_checkpoint(self, filename, map_location='cpu', strict=False, **kwargs):
        return super().load_checkpoint(filename, map_location, strict or self._strict, **kwargs)


@RUNNERS.register_module()
class PhasedRunner:
    """Runs the phases of a config one after another, each with a runner of its own.

    ``cfg.phases`` is a list of overlays: each is merged into the rest of the config and says what
    differs in its phase (decoders that take part, epochs, schedule), under a ``name``. Every phase
    has a fresh optimiser, schedule and distributed wrapper, works in ``<work_dir>/<name>`` and
    starts from the last weights of the phase before. A config without ``phases`` is one phase, in
    ``work_dir`` itself.

    With ``cfg.resume`` finished phases are passed over and the one that was interrupted goes on;
    with ``cfg.load_from`` beside it, training goes on from that checkpoint in its phase.

    Args:
        cfg (Config): The config, as MMEngine's runner takes it.

    Raises:
        ValueError: If phases have no name or the same name, or the checkpoint to resume from lies
            in no phase's folder.
    """

    def __init__(self, cfg: Config) -> None:
        self.cfg = copy.deepcopy(cfg)
        self.phases = [dict(phase) for phase in self.cfg.pop('phases', None) or [{}]]
        self.names = [phase.pop('name', '') for phase in self.phases]
        if len(self.phases) > 1 and (not all(self.names) or len(set(self.names)) < len(self.names)):
            raise ValueError(f'phases need names that differ, but found {self.names}')
        if self.cfg.get('work_dir') is None:
            raise ValueError('work_dir is not set')

    @classmethod
    def from_cfg(cls, cfg: Config) -> PhasedRunner:
        """Build from a config, as ``RUNNERS.build`` does."""
        return cls(cfg)

    def phase_cfg(self, index: int) -> Config:
        """The config of a phase: its overlay merged, its work directory and name set."""
        cfg, name = copy.deepcopy(self.cfg), self.names[index]
        cfg.merge_from_dict(self.phases[index])
        if name:
            cfg.work_dir = join_path(self.cfg.work_dir, name)
            stem = Path(self.cfg.filename or 'depthdecomp').stem
            cfg.experiment_name = f'{cfg.get("experiment_name") or stem}_{name}'
        return cfg

    def train(self) -> nn.Module:
        """Train the phases that are not finished.

        Returns:
            nn.Module: The model after the last phase.
        """
        start, checkpoint = self._resume_point()
        weights, model = None if self.cfg.get('resume') else self.cfg.get('load_from'), None
        for index in range(len(self.phases)):
            cfg = self.phase_cfg(index)
            latest = _latest_checkpoint(cfg.work_dir)
            if index < start:
                weights = latest
                continue
            cfg.resume = index == start and bool(checkpoint)
            cfg.load_from = checkpoint if cfg.resume else weights
            if weights and not cfg.resume:
                _skip_pretrained(cfg.model)
            runner = DepthRunner.from_cfg(cfg)
            title = f'phase {index + 1} of {len(self.phases)}: {self.names[index] or "training"}'
            runner.logger.info(f'===== Start of {title} =====')
            model = runner.train()
            runner.logger.info(f'===== End of {title} =====')
            weights = _latest_checkpoint(cfg.work_dir)
            del runner
            gc.collect()
        return model

    def _resume_point(self) -> tuple[int, str | None]:
        """Index of the phase to go on with, and the checkpoint to resume it from."""
        if not self.cfg.get('resume'):
            return 0, None
        directories = [osp.abspath(self.phase_cfg(i).work_dir) for i in range(len(self.phases))]
        if self.cfg.get('load_from'):
            folder = osp.dirname(osp.abspath(self.cfg.load_from))
            if folder not in directories:
                raise ValueError(
                    f'cannot tell the phase of the checkpoint {self.cfg.load_from}: it lies in '
                    f'none of {directories}'
                )
            return directories.index(folder), self.cfg.load_from
        for index, directory in enumerate(directories):
            latest = _latest_checkpoint(directory)
            last = index == len(directories) - 1
            if latest is None or last or not _finished(latest, self.phase_cfg(index).train_cfg):
                return index, latest
        raise AssertionError('unreachable')


def _latest_checkpoint(work_dir: str) -> str | None:
    return find_latest_checkpoint(work_dir)


def _finished(checkpoint: str, train_cfg: ConfigDict) -> bool:
    meta = torch.load(checkpoint, map_location='cpu', weights_only=True, mmap=True)['meta']
    if train_cfg.get('by_epoch', True):
        return meta['epoch'] >= train_cfg.max_epochs
    return meta['iter'] >= train_cfg.max_iters


def _skip_pretrained(model: ConfigDict) -> None:
    """Weights are carried over: do not fetch the encoder's pretrained ones only to replace them."""
    for key in ('pretrained', 'checkpoint_path', 'init_cfg'):
        model.encoder.pop(key, None)
