"""What the first training batch holds, in the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from depthdecomp_mm.registry import HOOKS
from depthdecomp_mm.structures import LABEL_TYPES, DepthDataSample, label_type_of, valid_pixels_of

NOWHERE_VALID = 'nowhere valid, so that nothing is learnt from it: is the depth scale right?'


@HOOKS.register_module()
class FirstBatchHook(Hook):
    """Log the labels and the depth range of the first training batch, after augmentation.

    A wrong depth scale shows at once: metric samples are in metres, relative ones unitless; a
    warning says where no pixel is valid. In a distributed run the batch is that of the first
    process.
    """

    def __init__(self) -> None:
        self._done = False

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None
    ) -> None:
        """Log once."""
        if self._done:
            return
        self._done = True
        for line in describe_batch((data_batch or {}).get('data_samples') or ()):
            level = logging.WARNING if NOWHERE_VALID in line else logging.INFO
            runner.logger.log(level, line)


def describe_batch(samples: Sequence[DepthDataSample]) -> list[str]:
    """One line for the batch and one for each label type in it.

    Args:
        samples: With ``gt_depth_map``, metres or disparity.
    """
    groups: dict[str, list[DepthDataSample]] = {label: [] for label in LABEL_TYPES}
    for sample in samples:
        groups[label_type_of(sample)].append(sample)
    unlabelled = groups.pop('none')
    counts = ', '.join(f'{len(group)} {label}' for label, group in groups.items())
    counts += f', {len(unlabelled)} without labels' if unlabelled else ''
    lines = [f'First training batch: {len(samples)} samples ({counts})']
    if groups['metric']:
        lines.append(f'  metric: depth {_describe(groups["metric"], " m")}')
    if groups['relative']:
        lines.append(f'  relative: disparity {_describe(groups["relative"], "")}')
    return lines


def _describe(group: Sequence[DepthDataSample], unit: str) -> str:
    masks = [valid_pixels_of(sample) for sample in group]
    values = torch.cat([s.gt_depth_map.data[m] for s, m in zip(group, masks, strict=True)])
    shares = [100 * mask.float().mean().item() for mask in masks]
    text = f'valid pixels {sum(shares) / len(shares):.1f} % (at least {min(shares):.1f} % of one)'
    if values.numel() == 0:
        return f'{NOWHERE_VALID} {text}'
    low, middle, high = (f(values).item() for f in (torch.min, torch.median, torch.max))
    return f'{low:.3f} to {high:.3f}{unit}, median {middle:.3f}{unit}, {text}'
