"""Lists of frames for each camera: to train on, to test on, and those of all others."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.datasets.converters.custom import recording_order
from depthdecomp_mm.datasets.converters.lists import list_text
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.files import write_bytes

from .cameras import CAMERAS, OTHERS, Camera


def write_lists(frames: Path, out: Path, cameras: Sequence[Camera] = CAMERAS) -> None:
    """Write the lists of all cameras below a folder.

    Each camera's folder gets ``train.txt`` (the first N lines are N frames spread evenly over its
    recordings, for every N that is a power of two), ``test.txt`` (the ends of the recordings),
    ``elsewhere.txt`` (other places, if there are) and ``teacher.txt`` (what all other cameras have
    to train on).

    Args:
        frames: Folder that holds a folder of ``*.jpg`` and ``*.png`` for each scene.
        out: Folder to write.
        cameras: Whose lists.

    Raises:
        SampleError: If a scene is not there.
    """
    training = {camera.name: _training(frames, camera) for camera in cameras}
    further = [pair for scene in OTHERS for pair in scene_pairs(frames, scene)]
    for camera in cameras:
        others = [name for name in training if name != camera.name]
        lists = {
            'train': spread(training[camera.name]),
            'test': [p for s in camera.recordings for p in _divided(frames, s, camera)[1]],
            'elsewhere': [
                pair for scene in camera.elsewhere for pair in scene_pairs(frames, scene)
            ],
            'teacher': [pair for name in others for pair in training[name]] + further,
        }
        for name, pairs in lists.items():
            if pairs:
                write_bytes(out / camera.name / f'{name}.txt', list_text(pairs).encode())


def scene_pairs(frames: Path, scene: str) -> list[tuple[str, str]]:
    """Image and depth map of each frame of a scene, in the order of recording.

    Args:
        frames: Folder of the scenes' folders.
        scene: Name of the scene.

    Raises:
        SampleError: If there are none.
    """
    images = sorted((frames / scene).glob('*.jpg'), key=recording_order)
    if not images:
        raise SampleError(f'{frames / scene}: no frame of this scene, expected *.jpg and *.png')
    return [(os.path.abspath(path), os.path.abspath(path.with_suffix('.png'))) for path in images]


def spread(pairs: Sequence) -> list:
    """Order things so that the first of them are spread evenly, however many are taken."""
    digits = max(1, (len(pairs) - 1).bit_length())
    order = sorted(range(len(pairs)), key=lambda index: f'{index:0{digits}b}'[::-1])
    return [pairs[index] for index in order]


def _training(frames: Path, camera: Camera) -> list[tuple[str, str]]:
    own = [pair for scene in camera.recordings for pair in _divided(frames, scene, camera)[0]]
    return own + [pair for scene in camera.extras for pair in scene_pairs(frames, scene)]


def _divided(frames: Path, scene: str, camera: Camera) -> tuple[list, list]:
    """The beginning and the end of a recording."""
    pairs = scene_pairs(frames, scene)
    first = len(pairs) - max(1, round(len(pairs) * camera.last))
    return pairs[:first], pairs[first:]
