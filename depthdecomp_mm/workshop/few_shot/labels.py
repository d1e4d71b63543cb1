"""Labels of a camera's training frames, by a network that has seen some of them or none."""

from __future__ import annotations

from pathlib import Path

from mmengine.device import get_device

from depthdecomp_mm.apis.pseudo_labels import Labels, Trust, label_images, open_teacher
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.workshop.experiments.jobs import last_checkpoint

from .images import read_list

NETWORKS = ('teacher', 'alone')


def label_frames(run: str, lists: Path, work_dir: Path) -> Path:
    """Label all frames that a camera has to train on.

    Args:
        run: ``<camera>_teacher``, or for labels of the network itself ``<camera>_<count>_alone``,
            ``<camera>_<count>_alone_long`` or ``<camera>_<count>_scratch``.
        lists: Folder that :func:`~.lists.write_lists` wrote.
        work_dir: Folder of the runs' folders.

    Returns:
        The folder of the labels below that of the camera's lists: ``labels``,
        ``labels_<count>``, ``labels_<count>_long`` or ``labels_<count>_scratch``.

    Raises:
        SampleError: If a frame got no label.
    """
    camera, *others = run.split('_')
    out = lists / camera / '_'.join(['labels', *(o for o in others if o not in NETWORKS)])
    teacher = open_teacher(str(last_checkpoint(work_dir / run / 'seed_0')), get_device())
    images = [image for image, _ in read_list(lists / camera / 'train.txt')]
    _, outcomes = label_images(Labels(out, teacher, Trust()), images)
    if problems := [outcome.problem for outcome in outcomes if outcome.problem]:
        raise SampleError(f'{len(problems)} frames got no label, the first: {problems[0]}')
    return out
