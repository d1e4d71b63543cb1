"""The config of an adaptation, by which `depthdecomp train` repeats it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from depthdecomp_mm.apis.carried_config import carried_config
from depthdecomp_mm.config_names import PREFIX
from depthdecomp_mm.engine.checkpoint import read_checkpoint
from depthdecomp_mm.errors import CheckpointError

from .schedule import Steps

HEAD = f"""\
# Written by `depthdecomp adapt`, which refuses if it was changed: keep changes of yours in a config
# based on this one.
_base_ = '{PREFIX}depthdecomp/adapt.py'
"""
SCALE = (128, 96)
BATCH, PARTS = 8, ('metric', 'relative')
RATE = 5e-4
"""Learning rate of a network that is trained already."""
SPREAD = ('min_depth', 'max_depth')
"""Of a network, which `depth_range` states for all."""


@dataclass(frozen=True)
class AdaptConfig:
    """What an adaptation is made of.

    Args:
        data_root: Folder of ``train.txt`` and ``test.txt``.
        depth_scale: Stored units per metre.
        max_depth: Metres; deeper pixels take no part, and predictions end there.
        steps: Of each phase.
        labels: Relative data beside the metric frames, in HR-WSI's layout.
        start: Checkpoint of ours to start from, or its address; None for the encoder's pretrained
            weights.
        seed: Of all that is random.
    """

    data_root: Path
    depth_scale: float
    max_depth: float
    steps: Steps
    labels: Path | None = None
    start: str | None = None
    seed: int = 0


def config_text(config: AdaptConfig) -> str:
    """A config that trains on the lists ``train.txt`` and ``test.txt``.

    Raises:
        CheckpointError: If the checkpoint to start from carries no config, or has no M-Net.
    """
    settings = dict(depth_range=dict(max_depth=config.max_depth), **_schedule(config.steps))
    settings['randomness'] = dict(seed=config.seed)
    scale = SCALE
    if config.start:
        network, scale = _network(config.start)
        settings |= dict(
            model=dict(network, _delete_=True),
            load_from=config.start,
            optim_wrapper=dict(optimizer=dict(lr=RATE)),
        )
    settings |= _loaders(config, scale)
    return HEAD + Config(settings).pretty_text


def _schedule(steps: Steps) -> dict:
    phase1 = _length(steps.phase1) if steps.phase1 else None
    return dict(**_length(steps.phase2), phases=dict(phase1=phase1))


def _length(steps: int) -> dict:
    warm_up = dict(type='LinearLR', start_factor=0.01, by_epoch=False, end=min(20, steps))
    fall = dict(type='CosineAnnealingLR', by_epoch=False, T_max=steps)
    return dict(train_cfg=dict(max_iters=steps), param_scheduler=[warm_up, fall])


def _network(path: str) -> tuple[dict, tuple[int, int]]:
    """The network that a checkpoint holds, and the size (width, height) of its images."""
    carried = carried_config(read_checkpoint(path, mmap=True), path).to_dict()
    model = {key: value for key, value in carried['model'].items() if key not in SPREAD}
    if not model.get('metric_decoder'):
        raise CheckpointError(f'{path}: found a network without M-Net, expected one of phase 2')
    steps = carried.get('test_dataloader', {}).get('dataset', {}).get('pipeline', [])
    scale = next((step['scale'] for step in steps if step['type'] == 'Resize'), None)
    if scale is None:
        raise CheckpointError(f'{path}: its config names no size of images, expected a Resize')
    return model, tuple(scale)


def _loaders(config: AdaptConfig, scale: tuple[int, int]) -> dict:
    load = dict(type='LoadDepthAnnotation')
    image, resize = dict(type='LoadImageFromFile'), dict(type='Resize', scale=scale)
    augment = [dict(type='RandomFlip', prob=0.5), dict(type='PhotometricAugment')]
    training = [image, load, resize, *augment, dict(type='PackDepthInputs')]
    testing = [image, resize, load, dict(type='PackDepthInputs')]
    dataset = dict(data_root=str(config.data_root), depth_scale=config.depth_scale)
    sets, quotas = dict(metric=dict(dataset, pipeline=training)), dict(metric=BATCH)
    if config.labels:
        relative = dict(type='HRWSIDataset', data_root=str(config.labels), pipeline=training)
        sets, quotas = dict(sets, relative=relative), dict.fromkeys(PARTS, BATCH // len(PARTS))
    held_out = dict(dataset=dict(dataset, pipeline=testing))
    return dict(
        train_dataloader=dict(dataset=dict(datasets=sets), sampler=dict(quotas=quotas)),
        val_dataloader=held_out,
        test_dataloader=held_out,
    )
