"""Networks to learn from: of ours, of ``transformers``, and ONNX files."""

from __future__ import annotations

from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np

from depthdecomp_mm.errors import UserError
from depthdecomp_mm.files import digest_of

from .meaning import Meaning

CHECKPOINTS = ('.pth', '.pt', '.safetensors')


class Teacher(Protocol):
    """A network that estimates depth.

    Attributes:
        name: As the user gave it.
        identity: Of its weights, whatever the name: other weights have another one.
        meaning: What its numbers stand for; None if that is not known.
        licence: Under which its weights may be used, as far as known.
    """

    name: str
    identity: str
    meaning: Meaning | None
    licence: str

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Predict (H, W) numbers for an image (H, W, 3) uint8 BGR."""


def open_teacher(
    name: str,
    device: str = 'cpu',
    phase: str | None = None,
    meaning: Meaning | None = None,
    **onnx_options,
) -> Teacher:
    """Load a teacher.

    Args:
        name: A checkpoint of ours, an ONNX file, or a depth model of ``transformers``: its folder
            or its name on the Hugging Face Hub.
        device: Device of a network in PyTorch.
        phase: Of a checkpoint of ours, as in :func:`~depthdecomp_mm.apis.init_model`.
        meaning: What its numbers stand for, in place of what is known of it.
        **onnx_options: Those of :class:`.onnx_teacher.OnnxTeacher`.

    Raises:
        UserError: If it cannot be loaded, nobody knows what its numbers stand for, or an option is
            of another kind of teacher.
    """
    if onnx_options and not name.endswith('.onnx'):
        raise UserError(f'{name}: {sorted(onnx_options)} are options of ONNX files alone')
    ours = name.endswith(CHECKPOINTS) or '://' in name
    if phase is not None and not ours:
        raise UserError(f'{name}: only a checkpoint of ours has phases, found phase {phase!r}')
    if ours:
        from .own_teacher import OwnTeacher

        if meaning is not None:
            raise UserError(
                f'{name}: what a checkpoint of ours predicts is known: leave orientation and unit '
                'out'
            )
        return OwnTeacher(name, device, phase)
    if name.endswith('.onnx'):
        from .onnx_teacher import OnnxTeacher

        teacher = OnnxTeacher(name, **onnx_options)
    else:
        from .transformers_teacher import TransformersTeacher

        teacher = TransformersTeacher(name, device)
    teacher.meaning = meaning or teacher.meaning
    if teacher.meaning is None:
        raise UserError(
            f'{name}: it is not known whether this model predicts depth or disparity, and in which '
            'unit: say so with --orientation and --unit, as its model card has it'
        )
    return teacher


def digest_of_file(path: str) -> str:
    """Tell a file's content from any other.

    Raises:
        UserError: If there is no such file.
    """
    if not Path(path).is_file():
        raise UserError(f'{path}: no such file')
    return digest_of(path, partial(blake2b, digest_size=16))
