"""A network that learns from another one where labels say nothing."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from depthdecomp_mm.decomposition import forward_differences
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.mmengine_internals import swaps_channels
from depthdecomp_mm.registry import MODELS
from depthdecomp_mm.structures import DepthDataSample

from .depth_decomposer import DepthDecomposer, Targets
from .loss_terms import build_terms
from .network import output_size
from .prediction import image_window

TEACHER_KEYS = {'model', 'checkpoint'}
SUFFIX = '_taught'


@MODELS.register_module()
class DistilledDecomposer(DepthDecomposer):
    """A :class:`DepthDecomposer` with a teacher, whose maps are its targets on unlabelled images.

    The teacher is asked for G, N, the metric map and the mean of each training image, at the
    student's resolution. By default it tells what the labels do not: everything of an image without
    labels, the metric map and the mean of a relative one. It is frozen, and no part of the student:
    it is neither saved nor averaged nor wrapped, and predictions and tests do without it. So a
    checkpoint is one of a :class:`DepthDecomposer` of the same branches. A training with our runner
    loads the teacher; another program calls :func:`depthdecomp_mm.engine.teacher.give_teacher`.

    Args:
        *args: Those of :class:`DepthDecomposer`.
        teacher: ``model``, the config of a :class:`DepthDecomposer` with the student's
            representation and canonical focal length, and ``checkpoint``, its file. It gets the
            student's images at the student's size, normalised as its own config says.
        taught_losses: Terms that compare the student with the teacher, as ``losses`` has them; by
            default the same. Their names in the log end in ``_taught``.
        teaches: ``'unlabelled'``: of each branch the images that have no label there;
            ``'all'``: all of them, beside the labels.
        losses: As of :class:`DepthDecomposer`.
        **kwargs: Those of :class:`DepthDecomposer`.

    Raises:
        ValueError: If the teacher is not stated so, or as :class:`DepthDecomposer` does.
    """

    teacher: DepthDecomposer | None = None

    def __init__(
        self,
        *args,
        teacher: dict,
        taught_losses: dict | None = None,
        teaches: str = 'unlabelled',
        losses: dict | None = None,
        **kwargs,
    ) -> None:
        if not isinstance(teacher, dict) or set(teacher) != TEACHER_KEYS:
            raise ValueError(f'teacher: expected a dict of {TEACHER_KEYS}, but found {teacher!r}')
        if teaches not in ('unlabelled', 'all'):
            raise ValueError(f"teaches is {teaches!r}, expected 'unlabelled' or 'all'")
        super().__init__(*args, losses=losses, **kwargs)
        self.teacher_config = teacher
        self.teaches = teaches
        terms = (losses or {}) if taught_losses is None else taught_losses
        self.taught_losses, self.taught_branches = build_terms(terms, self.outputs)

    def set_teacher(self, teacher: DepthDecomposer) -> None:
        """Learn from a network from now on, which is frozen and moved to the student's device.

        Raises:
            ValueError: If its maps mean something else than the student's, or nothing of them is
                learnt.
        """
        for name, own, other in (
            ('representation', self.codec.representation, teacher.codec.representation),
            ('canonical_focal', self.canonical_focal, teacher.canonical_focal),
        ):
            if own != other:
                raise ValueError(f"teacher: its {name} is {other!r}, but the student's {own!r}")
        if not set(self.taught_branches.values()) & set(teacher.outputs):
            raise ValueError(f'teacher: it predicts {teacher.outputs}, of which nothing is learnt')
        device = next(self.parameters()).device
        # past nn.Module, which would make it a part of the student
        self.__dict__['teacher'] = teacher.requires_grad_(False).eval().to(device)

    def _apply(self, *args, **kwargs):
        if self.teacher is not None:
            self.teacher._apply(*args, **kwargs)
        return super()._apply(*args, **kwargs)

    def __getstate__(self) -> dict:
        # copies, such as moving averages of the weights, need no teacher
        return {name: value for name, value in self.__dict__.items() if name != 'teacher'}

    def loss(self, inputs: Tensor, data_samples: list[DepthDataSample]) -> dict[str, Tensor]:
        """Loss terms of the labels, and those of the teacher where it teaches.

        Raises:
            ConfigError: If there is no teacher.
        """
        raw, targets = self.outputs_and_targets(inputs, data_samples)
        taught = self.taught_targets(inputs, data_samples, targets)
        branches = {name: b for name, b in self.taught_branches.items() if b in taught}
        terms = self.compare(raw, taught, self.taught_losses, branches)
        return self.compare(raw, targets, self.losses, self.loss_branches) | {
            name + SUFFIX: term for name, term in terms.items()
        }

    @torch.no_grad()
    def taught_targets(
        self, inputs: Tensor, data_samples: Sequence[DepthDataSample], targets: Targets
    ) -> Targets:
        """What the teacher says, of the branches that both have.

        Args:
            inputs: (B, 3, H, W), normalised for the student.
            data_samples: Of the batch; they tell what is padding.
            targets: Those of the labels.
        """
        if self.teacher is None:
            raise ConfigError(
                'DistilledDecomposer has no teacher: train with depthdecomp train, or call '
                'depthdecomp_mm.engine.teacher.give_teacher(model) first'
            )
        wanted = [name for name in self.outputs if name in self.teacher.outputs]
        raw = self.teacher.raw_outputs(self._for_teacher(inputs), wanted)
        raw = {name: out.float() for name, out in raw.items()}
        if 'metric' in raw:  # a linear head can go beyond any depth
            raw['metric'] = self.codec.encode(self.codec.decode(raw['metric']))
        masks = _masks(_image_pixels(inputs, data_samples))
        if self.teaches == 'unlabelled':
            for name in raw:
                labelled = targets[name][1].flatten(1).any(1)
                masks[name] = masks[name] & ~labelled[:, None, None, None]
        return {name: (out, masks[name]) for name, out in raw.items()}

    def _for_teacher(self, inputs: Tensor) -> Tensor:
        """Images as the teacher's preprocessor would have normalised them."""
        own, its = self.data_preprocessor, self.teacher.data_preprocessor
        images = inputs * own.std + own.mean
        if swaps_channels(own) != swaps_channels(its):
            images = images.flip(1)
        return (images - its.mean) / its.std


def _image_pixels(inputs: Tensor, data_samples: Sequence[DepthDataSample]) -> Tensor:
    """Where the outputs for padded images (B, 3, H, W) show the image: (B, 1, h, w) bool."""
    size = output_size(inputs.shape[-2:])
    pixels = torch.zeros(len(inputs), 1, *size, dtype=torch.bool, device=inputs.device)
    for image, sample in zip(pixels, data_samples, strict=True):
        image[(slice(None), *image_window(sample, inputs.shape[-2:], step=2))] = True
    return pixels


def _masks(pixels: Tensor) -> dict[str, Tensor]:
    """Where each branch's map says something, of these pixels."""
    return dict(
        gradients=forward_differences(pixels.float(), pixels)[1],
        normalized=pixels,
        metric=pixels,
        mean=pixels.flatten(1).any(1)[:, None, None, None],
    )
