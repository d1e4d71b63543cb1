"""The raw dump of NYUv2: its scenes, its frames, and which colour belongs to which depth."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from depthdecomp_mm.errors import SampleError

from . import kinect

FRAME_NAME = re.compile(r'([rd])-(\d+\.\d+)-(\d+)\.(ppm|pgm)')
PIXELS = kinect.SIZE[0] * kinect.SIZE[1]
SMALLEST = {'r': 3 * PIXELS, 'd': 2 * PIXELS}
"""Bytes of pixels in a whole colour or depth file."""


@dataclass(frozen=True)
class RawFrame:
    """A colour frame with the depth frame nearest in time."""

    scene: str
    color: Path
    depth: Path

    @property
    def stem(self) -> str:
        """Path of the pair without suffix, with ``{}`` for what tells colour from depth."""
        return f'{self.scene}/{{}}_{self.color.stem.removeprefix("r-")}'


def find_scenes(root: Path) -> dict[str, Path]:
    """Folders with raw frames at any depth below ``root``, by their own names.

    Raises:
        SampleError: If there is none, or if two have the same name.
    """
    scenes: dict[str, Path] = {}
    for folder, folders, files in os.walk(root, followlinks=True):
        folders.sort()
        if not any(FRAME_NAME.fullmatch(name) for name in files):
            continue
        name = Path(folder).name
        if name in scenes:
            raise SampleError(f'two folders hold the scene {name}: {scenes[name]} and {folder}')
        scenes[name] = Path(folder)
    if not scenes:
        raise SampleError(f'{root}: no folder with frames such as r-<time>-<ticks>.ppm')
    return scenes


def place(scene: str) -> str:
    """A scene's name without the letter that tells several recordings of a place apart."""
    return re.sub(r'(?<=\d)[a-z]$', '', scene)


def is_training_scene(scene: str, train: set[str], test: set[str]) -> bool:
    """Whether a scene of the raw dump may be trained on.

    A recording that the split names goes where the split says. One that it does not name goes with
    the other recordings of its place, and with the test scenes if any of those is one.
    """
    if scene in train or scene in test:
        return scene in train and scene not in test
    places = {place(name) for name in train}, {place(name) for name in test}
    return place(scene) in places[0] and place(scene) not in places[1]


def pair_frames(scene: str, folder: Path, max_gap: float) -> tuple[list[RawFrame], list[str]]:
    """Pair every colour frame of a scene with the depth frame nearest in time.

    Files that are too short are left out before, so that no colour frame is paired with them.

    Args:
        scene: The scene's name.
        folder: Its folder.
        max_gap: Seconds; colour frames farther than this from any depth frame have none.

    Returns:
        The pairs in the order of time, and a line for every file or frame that was left out.
    """
    problems = []
    frames: dict[str, list[tuple[float, int, Path | None]]] = {'r': [], 'd': []}
    with os.scandir(folder) as entries:
        for entry in entries:
            match = FRAME_NAME.fullmatch(entry.name)
            if not match:
                continue
            size = entry.stat().st_size
            whole = size > SMALLEST[match[1]]
            if not whole:
                problems.append(f'{entry.path}: cut off at {size} bytes')
            path = Path(entry.path) if whole else None
            frames[match[1]].append((float(match[2]), int(match[3]), path))
    colors = sorted(frames['r'], key=lambda frame: frame[:2])
    depths = sorted((f for f in frames['d'] if f[2]), key=lambda frame: frame[:2])
    times = np.array([frame[0] for frame in depths])
    pairs = []
    for time, _, color in colors:
        if color is None:
            continue
        nearest = int(np.abs(times - time).argmin()) if len(times) else None
        if nearest is None or abs(times[nearest] - time) > max_gap:
            problems.append(f'{color}: no whole depth frame within {max_gap} s')
        else:
            pairs.append(RawFrame(scene, color, depths[nearest][2]))
    return pairs, sorted(problems)


def sample_uniformly(count: int, wanted: int) -> np.ndarray:
    """``wanted`` indices below ``count``, at even distances and in ascending order."""
    return np.arange(wanted) * count // wanted
