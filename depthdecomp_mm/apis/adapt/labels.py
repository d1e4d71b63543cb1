"""Labels of a teacher for the unlabelled frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from depthdecomp_mm.apis.inputs import list_inputs
from depthdecomp_mm.apis.pseudo_labels import Labels, Teacher, Trust, label_images
from depthdecomp_mm.errors import SampleError


class Labelled(NamedTuple):
    """What became of the unlabelled frames.

    Attributes:
        count: Frames that have a label.
        asked: Frames that were to have one.
        teacher: Its name and licence.
    """

    count: int
    asked: int
    teacher: str


NOTHING = Labelled(0, 0, '')


def label_unlabelled(
    inputs: Sequence[str], teacher: Teacher, out: Path, held_out: Iterable[str]
) -> Labelled:
    """Label frames, but for those that are tested on.

    Args:
        inputs: Images, folders and patterns.
        teacher: Who labels.
        out: Folder for the labels, in HR-WSI's layout.
        held_out: Images that are tested on.

    Raises:
        SampleError: If no frame is left, or none got a label.
    """
    tested = {Path(path).resolve() for path in held_out}
    found = dict.fromkeys(Path(path).resolve() for path in list_inputs(inputs))
    frames = [str(path) for path in found if path not in tested]
    if not frames:
        raise SampleError(f'{inputs[0]}: all {len(found)} frames are held out for testing')
    samples, outcomes = label_images(Labels(out, teacher, Trust()), frames)
    if not samples:
        raise SampleError(f'no frame got a label: {outcomes[0].problem}')
    return Labelled(len(samples), len(frames), f'{teacher.name}, licence: {teacher.licence}')
