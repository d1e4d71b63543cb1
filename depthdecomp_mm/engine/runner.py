"""MMEngine's runner, made to withstand interruption."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from mmengine.visualization import Visualizer
from torch import nn

from depthdecomp_mm.calibration import NO_CALIBRATION, Calibration, calibration_of
from depthdecomp_mm.errors import CheckpointError, faults_of
from depthdecomp_mm.evaluation import check_names
from depthdecomp_mm.files import whole_file
from depthdecomp_mm.registry import RUNNERS

from . import accumulation
from .acceleration import compile_network, is_decomposer, prepare_for_prediction
from .carried_settings import other_network
from .checkpoint import RESUMABLE, latest_checkpoint, read_checkpoint
from .custom_keys import warn_of_unmatched_keys
from .depth_range import spread_depth_range
from .disk import check_space, remove_partial_files
from .launch import join_processes
from .lock import only_training
from .logs import shorten_console
from .sync_batch_norm import share_statistics
from .teacher import give_teacher
from .unwrapping import unwrapped
from .weights import load_weights, parts_without, weights_of


@RUNNERS.register_module()
class DepthRunner(Runner):
    """MMEngine's runner, with some things it lacks.

    - ``sync_bn='torch'`` makes BatchNorm layers a :class:`~.sync_batch_norm.SyncBatchNorm`, which
      waits for no GPU, runs on CPUs, too, and keeps the activations that timm fuses into its layers
      (MMEngine's own conversion drops them).
    - The ``pytorch`` launcher works on machines without a GPU, over gloo.
    - A checkpoint that does not fit the network is refused when it is tested.
    - Checkpoints get their names when they are whole, and are read without executing anything.
    - A checkpoint between two steps of the optimiser (``accumulative_counts``) holds the gradients
      that were accumulated.
    - Epochs run in a :class:`DepthTrainLoop`, which can be interrupted anywhere, and iterations in
      a :class:`DepthIterTrainLoop`, which waits for nothing.
    - ``compile=True`` in the config, or a dict of :func:`torch.compile`'s arguments, also holds for
      tests, and compiles the network rather than the whole step (samples and losses are Python).
    - ``fuse_conv_bn=True`` folds BatchNorm into the convolutions before it for tests.
    - Losses are fetched from the GPU once in a logging interval, by :class:`LossLogHook`.
    - A visualizer that the config names is one for each run, not one for the whole process.
    - The config's ``depth_range`` is that of model and data sets.
    - Keys of ``paramwise_cfg.custom_keys`` that match no parameter are named in a warning.
    - Environment, config and hooks are described in the log file; the console has its path.

    Attributes:
        saved_iter: Iterations behind the last checkpoint of this run that it can be resumed from.
        is_later_phase: Whether it starts from the weights of a phase before, which may have had
            fewer parts.
    """

    _testing = False
    saved_iter: int | None = None
    is_later_phase = False
    _accumulated: dict[str, torch.Tensor] | None = None

    @classmethod
    def from_cfg(cls, cfg: Config) -> DepthRunner:
        """Build from a config that may have a ``depth_range``."""
        cfg = copy.deepcopy(cfg)
        spread_depth_range(cfg)
        return super().from_cfg(cfg)

    def setup_env(self, env_cfg: dict) -> None:
        """Set up as MMEngine does; the processes of a machine without a GPU talk over gloo."""
        join_processes(self._launcher, env_cfg.get('dist_cfg'))
        super().setup_env(env_cfg)

    def set_randomness(self, *args, deterministic: bool = False, **kwargs) -> None:
        """Seed as MMEngine does; a GPU's products of matrices are deterministic, too, if asked."""
        if deterministic:
            os.environ.setdefault('CUBLAS_WORKSPACE_CONFIG', ':4096:8')
        super().set_randomness(*args, deterministic=deterministic, **kwargs)

    def build_logger(self, *args, **kwargs) -> MMLogger:
        """Build the logger; what is for looking up goes to its file alone."""
        logger = super().build_logger(*args, **kwargs)
        shorten_console(logger)
        logger.info(f'Environment, config and all messages: {logger.log_file}')
        return logger

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        """Wrap for distributed training, also without a GPU, with BatchNorm of our own."""
        if self.distributed and not torch.cuda.is_available():
            unused = self.cfg.get('find_unused_parameters', False)
            wrapper = model_wrapper_cfg or dict(find_unused_parameters=unused)
            if 'Sharded' not in wrapper.get('type', ''):
                model_wrapper_cfg = dict(device_ids=None, broadcast_buffers=False) | wrapper
        if not self.distributed or self.cfg.get('sync_bn') != 'torch':
            return super().wrap_model(model_wrapper_cfg, model)
        share_statistics(model)
        cfg, self.cfg = self.cfg, Config(dict(self.cfg, sync_bn=None))  # MMEngine would do it anew
        try:
            return super().wrap_model(model_wrapper_cfg, model)
        finally:
            self.cfg = cfg

    def build_model(self, model: nn.Module | dict) -> nn.Module:
        """Build the model as MMEngine does.

        Raises:
            ConfigError: If it cannot be built, naming the argument.
        """
        with faults_of('model'):
            return super().build_model(model)

    def test(self) -> dict:
        """Test as MMEngine does.

        Raises:
            CheckpointError: If the checkpoint does not fit the network.
        """
        self._testing = True
        return super().test()

    def register_default_hooks(self, hooks: dict | None = None) -> None:
        """Register them as MMEngine does, with one that fetches losses seldom."""
        ours = dict(runtime_info=dict(type='depthdecomp_mm.LossLogHook'))
        super().register_default_hooks(ours | (hooks or {}))

    def build_train_loop(self, loop):
        """Build the loop: without a type, one of ours, over epochs or over iterations."""
        if isinstance(loop, dict) and 'by_epoch' in loop and 'type' not in loop:
            loop = dict(loop)
            name = 'DepthTrainLoop' if loop.pop('by_epoch') else 'DepthIterTrainLoop'
            loop['type'] = f'depthdecomp_mm.{name}'
        return super().build_train_loop(loop)

    def build_visualizer(self, visualizer=None) -> Visualizer:
        """Build it as MMEngine does; one of the same name, of an earlier run, writes elsewhere."""
        if isinstance(visualizer, dict) and Visualizer.check_instance_created(
            visualizer.get('name', '')
        ):
            visualizer = dict(visualizer, name=f'{visualizer["name"]}_{self._experiment_name}')
        return super().build_visualizer(visualizer)

    def build_evaluator(self, evaluator) -> Evaluator:
        """Build it as MMEngine does.

        Raises:
            ConfigError: If two of our metrics give a number of the same name.
        """
        evaluator = super().build_evaluator(evaluator)
        check_names(evaluator.metrics)
        return evaluator

    def build_optim_wrapper(self, optim_wrapper):
        """Build it as MMEngine does, and name the ``custom_keys`` that match no parameter."""
        if isinstance(optim_wrapper, dict):
            warn_of_unmatched_keys(optim_wrapper, unwrapped(self.model))
        return super().build_optim_wrapper(optim_wrapper)

    def train(self) -> nn.Module:
        """Train as MMEngine does, if there is room for checkpoints and no other training there.

        Raises:
            OSError: If there is no room.
            UserError: If another process trains in the work directory.
        """
        with only_training(self.work_dir):
            if is_main_process():
                remove_partial_files(self.work_dir)
                check_space(self.work_dir, self.model)
            give_teacher(unwrapped(self.model))
            return super().train()

    def load_or_resume(self) -> None:
        """Load or resume as MMEngine does; without a name, from the latest whole checkpoint."""
        if self._resume and self._load_from is None and not self._has_loaded:
            self._load_from = latest_checkpoint(self.work_dir)
            self._resume = self._load_from is not None
        super().load_or_resume()
        if self._testing:
            prepare_for_prediction(unwrapped(self.model), self.cfg)

    def _maybe_compile(self, target: str) -> None:
        model = unwrapped(self.model)
        if is_decomposer(model):
            compile_network(model, self.cfg.get('compile'))
        else:
            super()._maybe_compile(target)

    def load_checkpoint(self, filename, map_location='cpu', strict=False, **kwargs):
        """Load weights from a file that may be hostile, all of them for tests and to resume.

        Raises:
            CheckpointError: If nothing of it fits the network, or where all must fit, not all.
        """
        checkpoint = read_checkpoint(filename, map_location)
        checkpoint['state_dict'] = weights_of(checkpoint, filename)
        strict = strict or self._testing or self._resume
        model = unwrapped(self.model)
        new = self.is_later_phase and not strict
        new_parts = parts_without(model, checkpoint['state_dict']) if new else ()
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        state = checkpoint['state_dict']  # which EMA may have put another in the place of
        unfit = load_weights(model, state, filename, strict, new_parts)
        for name in new_parts and parts_without(model, state):  # a hook may have given it weights
            self.logger.info(f'{name} starts afresh: the phase before had none')
        if unfit:
            self.logger.warning(f'{filename} does not fit the network in all: {unfit}')
        if self._testing and (other := other_network(checkpoint, self.cfg.get('model'), model)):
            self.logger.warning(f'{filename} was trained otherwise than it is tested: {other}')
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        self._take_calibration(calibration_of(checkpoint, filename), filename)
        return checkpoint

    def _take_calibration(self, calibration: Calibration, filename: str) -> None:
        """Use a calibration for tests; one of weights that are trained on holds no more."""
        if calibration == NO_CALIBRATION:
            return
        if self._testing:
            unwrapped(self.model).calibration = calibration
            self.logger.info(f'Depth is calibrated: {calibration}')
        else:
            self.logger.warning(
                f'{filename} is calibrated, which training does not take over: the weights change. '
                'Calibrate again afterwards'
            )

    def resume(self, filename, *args, map_location='cpu', **kwargs) -> None:
        """Resume, as MMEngine's runner does, also between two steps of the optimiser.

        The file is read to the CPU: its tensors are copied to where they belong. Adam's number of
        steps belongs on the CPU, as a step would wait for the GPU to tell it.

        Raises:
            CheckpointError: If what the file holds is not of this training.
        """
        try:
            super().resume(filename, *args, map_location=map_location, **kwargs)
        except CheckpointError:
            raise
        except Exception as error:  # states of optimiser, schedules and log of any other shape
            raise CheckpointError(
                f'{filename}: not of this training: {type(error).__name__}: {error}'
            ) from error
        accumulation.restore_gradients(unwrapped(self.model), self._accumulated or {})
        self._look_for_best_beside(filename)

    def _look_for_best_beside(self, filename: str) -> None:
        """Take the best checkpoint so far to be in the folder of the one to go on from.

        The hook that saves a better one removes it, wherever the file says that it is: in the
        folder that this one was copied from, or anywhere.
        """
        for key, path in self.message_hub.runtime_info.items():
            if key.startswith('best_ckpt'):
                name = os.path.basename(str(path))
                here = os.path.join(os.path.dirname(filename), name)
                self.message_hub.update_info(key, here if name.startswith('best_') else None)

    def call_hook(self, fn_name: str, **kwargs) -> None:
        """Call hooks; those that see a checkpoint see all that is in it."""
        if fn_name == 'before_save_checkpoint' and self._accumulated is not None:
            kwargs['checkpoint'][accumulation.KEY] = self._accumulated
        elif fn_name == 'after_load_checkpoint':
            self._accumulated = kwargs['checkpoint'].get(accumulation.KEY)
        super().call_hook(fn_name, **kwargs)

    def save_checkpoint(self, out_dir, filename, *args, **kwargs) -> None:
        """Save a checkpoint, as MMEngine's runner does, under another name until it is whole.

        Raises:
            OSError: If it cannot be written; earlier checkpoints are as they were.
        """
        self.call_hook('read_losses')  # which stops if one is not finite, and belongs into the log
        meta = kwargs.get('meta') or {}
        if RESUMABLE.fullmatch(filename):  # the best one has no optimiser's state
            self.saved_iter = meta.get('iter')
        self._accumulated = None
        if accumulation.has_pending_gradients(self.optim_wrapper):
            self._accumulated = accumulation.collect_gradients(unwrapped(self.model))
        if not is_main_process() or '://' in str(out_dir):
            super().save_checkpoint(out_dir, filename, *args, **kwargs)
            return
        target = Path(out_dir, filename)
        try:
            with whole_file(target) as partial:
                super().save_checkpoint(out_dir, partial.name, *args, **kwargs)
        except OSError as error:
            raise OSError(
                error.errno,
                f'could not write the checkpoint {target} ({error.strerror}); those before it are '
                'whole: make room and go on with --resume',
            ) from error
