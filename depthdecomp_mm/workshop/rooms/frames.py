"""One frame: everything about it derives from (seed, part, scene, frame) alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from depthdecomp_mm.apis import Intrinsics

from . import layout, sensors
from .cameras import Photo, kinect
from .shading import albedo, shade, surfaces
from .viewpoint import sample_pose

PARTS = ('metric_train', 'metric_test', 'relative_train', 'relative_val')
FRAMES_PER_SCENE = {'metric_train': 8, 'metric_test': 4, 'relative_train': 2, 'relative_val': 1}


@dataclass(frozen=True)
class Frame:
    """Names one frame.

    Args:
        part: One of ``PARTS``.
        number: Counted from 0 within the part.
        size: (width, height) in pixels.
        seed: Of the whole data set.
        fov: Horizontal field of view of metric frames, degrees; None for NYUv2's camera.
    """

    part: str
    number: int
    size: tuple[int, int]
    seed: int
    fov: float | None = None

    @property
    def camera(self) -> Intrinsics:
        """The camera of a metric frame."""
        return kinect(self.size) if self.fov is None else Intrinsics.from_fov(self.size, self.fov)

    @property
    def metric(self) -> bool:
        """Whether the frame belongs to the metric part."""
        return self.part.startswith('metric')

    @property
    def scene(self) -> int:
        """Number of the frame's scene within the part."""
        return self.number // FRAMES_PER_SCENE[self.part]

    @property
    def index(self) -> int:
        """Number of the frame within its scene."""
        return self.number % FRAMES_PER_SCENE[self.part]

    def generator(self) -> np.random.Generator:
        """The frame's own random generator."""
        return np.random.default_rng([self.seed, PARTS.index(self.part), self.scene, self.index, 1])


@dataclass(frozen=True)
class Shot:
    """A rendered frame.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        depth: (H, W) float32 true z-depth, metres.
        label: (H, W) uint16 millimetres (metric; 0 = not measured) or uint8 disparity (relative).
        valid: (H, W) uint8, 255 where the label is valid, else 0.
    """

    image: np.ndarray
    depth: np.ndarray
    label: np.ndarray
    valid: np.ndarray


def _scene_generator(seed: int, part: str, scene: int) -> np.random.Generator:
    return np.random.default_rng([seed, PARTS.index(part), scene])


@lru_cache(maxsize=4)
def _scene(seed: int, part: str, scene: int) -> layout.Scene:
    generator = _scene_generator(seed, part, scene)
    return layout.sample_scene(generator, part.startswith('relative'))


def scene_name(frame: Frame) -> str:
    """Folder of a metric frame's scene; training and test scenes never share one."""
    kind = layout.sample_kind(_scene_generator(frame.seed, frame.part, frame.scene), False)
    prefix = 'test_' if frame.part == 'metric_test' else ''
    return f'{prefix}{kind}_{frame.scene + 1:04d}'


def render(frame: Frame) -> Shot:
    """Renders a frame and its label."""
    scene, rng = _scene(frame.seed, frame.part, frame.scene), frame.generator()
    if frame.metric:
        camera, photo = frame.camera, Photo.sample(rng, 0.25)
    else:
        camera = Intrinsics.from_fov(frame.size, rng.uniform(35, 100))
        photo = Photo.sample(rng, 1.0)
    boxes = scene.boxes
    pose = sample_pose(scene, camera, rng, not frame.metric)
    hits = surfaces(boxes, camera, pose)
    image = photo.develop(shade(boxes, hits, scene.lights, scene.ambient, rng), rng)
    lost = boxes.glass[hits.index] | ~hits.found
    if not frame.metric:
        label, valid = sensors.stereo_disparity(hits.depth, camera.fx, lost, rng)
        return Shot(image, hits.depth, label, valid)
    label = sensors.kinect_depth(
        hits.depth, camera.fx, albedo(boxes, hits).mean(2), hits.cosine,
        boxes.gloss[hits.index], lost, rng,
    )  # fmt: skip
    return Shot(image, hits.depth, label, np.where(label > 0, 255, 0).astype(np.uint8))
