"""Light: from what each pixel hits to linear RGB."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from depthdecomp_mm.apis import Intrinsics

from . import raycast, textures
from .boxes import BoxArrays
from .cameras import Pose, viewing_rays


@dataclass(frozen=True)
class Light:
    """A round lamp.

    Args:
        position: (3,) metres.
        colour: Linear RGB; the power at one metre.
        radius: Size in metres, which softens its shadow.
        bounds: Corners (low, high) of the room that it is confined to, metres; nothing throws a
            shadow in such a light. None: it reaches all that it sees.
    """

    position: tuple[float, float, float]
    colour: tuple[float, float, float]
    radius: float = 0.1
    bounds: tuple | None = None


@dataclass(frozen=True)
class Hits:
    """What the pixels of a frame see.

    Attributes:
        depth: (H, W) float32 z-depth in metres; a large finite number where nothing is hit.
        index: (H, W) int32 box; 0 where nothing is hit (see ``found``).
        found: (H, W) bool.
        points: (H, W, 3) float32 world coordinates, metres.
        normals: (H, W, 3) float32 outward unit normals.
        cosine: (H, W) float32 between normal and viewing ray.
        share: (H, W) float32 of the material's second colour.
    """

    depth: np.ndarray
    index: np.ndarray
    found: np.ndarray
    points: np.ndarray
    normals: np.ndarray
    cosine: np.ndarray
    share: np.ndarray


def surfaces(boxes: BoxArrays, camera: Intrinsics, pose: Pose) -> Hits:
    """Casts the frame's rays and describes the surfaces that they hit."""
    depth, index = raycast.trace(boxes, camera, pose)
    found = index >= 0
    depth = np.where(found, depth, np.float32(50))
    index = np.where(found, index, 0)
    rays = viewing_rays(camera) @ pose.rotation.T
    points = pose.position + rays * depth[..., None]
    local = boxes.to_local(points, index)
    half = boxes.half[index]
    side = np.argmax(np.abs(local) - half, axis=2)
    sign = np.sign(np.take_along_axis(local, side[..., None], 2))[..., 0]
    c, s = boxes.cos[index], boxes.sin[index]
    normals = np.zeros_like(points)
    normals[..., 0] = np.where(side == 0, c, np.where(side == 1, -s, 0)) * sign
    normals[..., 1] = np.where(side == 0, s, np.where(side == 1, c, 0)) * sign
    normals[..., 2] = np.where(side == 2, sign, 0)
    length = np.linalg.norm(rays, axis=2)
    cosine = np.abs((normals * rays).sum(2)) / length
    share = _texture(boxes, local, half, side, index, depth / camera.fx / (cosine + 0.15))
    return Hits(depth, index, found, points, normals, cosine, share)


def _texture(boxes, local, half, side, index, pixel) -> np.ndarray:
    # The grain of wood and boards runs along a face's longer direction.
    first = np.where(side == 0, 1, 0)
    second = np.where(side == 2, 1, 2)
    u, v = (np.take_along_axis(local, a[..., None], 2)[..., 0] for a in (first, second))
    long_u, long_v = (np.take_along_axis(half, a[..., None], 2)[..., 0] for a in (first, second))
    swap = long_u > long_v
    u, v = np.where(swap, v, u), np.where(swap, u, v)
    scale = boxes.scale[index]
    seed = index * 3 + side
    arguments = boxes.kind[index], u / scale, v / scale, pixel / scale, seed
    return textures.mix(*(a.ravel() for a in arguments)).reshape(index.shape)


def albedo(boxes: BoxArrays, hits: Hits) -> np.ndarray:
    """(H, W, 3) float32 linear reflectance."""
    share = hits.share[..., None]
    return boxes.first[hits.index] * (1 - share) + boxes.second[hits.index] * share


def shade(
    boxes: BoxArrays,
    hits: Hits,
    lights: list[Light],
    ambient: tuple[float, float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """Light that leaves each pixel's surface toward the camera.

    Args:
        boxes: The scene.
        hits: What the pixels see.
        lights: Lambert-shaded with distance falloff.
        ambient: Light from everywhere, linear RGB, darkened where a surface is hemmed in.
        rng: Jitters the shadow rays.

    Returns:
        (H, W, 3) float32 linear RGB.
    """
    hemisphere = 0.75 + 0.25 * hits.normals[..., 2:]
    total = np.float32(ambient) * hemisphere * _openness(boxes, hits, rng)[..., None]
    for light in lights:
        vector = np.float32(light.position) - hits.points
        squared = (vector**2).sum(2)
        strength = np.maximum((vector * hits.normals).sum(2), 0) / np.sqrt(squared)
        strength /= 0.3 + squared
        if light.bounds:
            low, high = np.float32(light.bounds)
            strength *= ((hits.points >= low) & (hits.points <= high)).all(2)
        else:
            strength *= cv2.blur(_visible(boxes, light, hits, strength > 0, rng), (3, 3))
        total = total + strength[..., None] * np.float32(light.colour)
    glow = boxes.glow[hits.index][..., None]
    return albedo(boxes, hits) * (total + glow) * hits.found[..., None]


def _visible(boxes: BoxArrays, light: Light, hits: Hits, facing: np.ndarray, rng) -> np.ndarray:
    """(H, W) float32, 1 where a light is seen from; only ``facing`` (H, W) bool is tested."""
    jitter = rng.standard_normal((*facing.shape, 3), np.float32) * light.radius

    def test(chosen: np.ndarray) -> None:
        points = hits.points[chosen] + 4e-3 * hits.normals[chosen]
        visible[chosen] = raycast.lit(boxes, points, np.float32(light.position), jitter[chosen])

    # Every second pixel first; then those whose neighbourhood is not of one mind or one surface.
    visible = np.zeros(facing.shape, np.float32)
    coarse = np.zeros_like(facing)
    coarse[::2, ::2] = facing[::2, ::2]
    test(coarse)
    sparse = visible[::2, ::2]
    kernel = np.ones((3, 3), np.uint8)
    mixed = cv2.dilate(sparse, kernel) != cv2.erode(sparse, kernel)
    height, width = facing.shape
    rows, columns = np.arange(height)[:, None] // 2, np.arange(width)[None] // 2
    visible = sparse[rows, columns] * facing
    other = (hits.index != hits.index[::2, ::2][rows, columns]) | ~facing[::2, ::2][rows, columns]
    test(facing & ~coarse & (mixed[rows, columns] | other))
    return visible


def _openness(boxes: BoxArrays, hits: Hits, rng: np.random.Generator, reach=0.8) -> np.ndarray:
    """Soft ambient occlusion (H, W) in 0..1: share of short random rays that meet nothing."""
    height, width = hits.depth.shape
    step = max(2, width // 60)
    points = (hits.points + 6e-3 * hits.normals)[::step, ::step]
    normals = hits.normals[::step, ::step]
    small = points.shape[:2]
    around = rng.standard_normal((*small, 3), np.float32)
    around /= np.linalg.norm(around, axis=2, keepdims=True) + 1e-6
    vectors = normals + around
    vectors *= reach * np.sqrt(rng.random((*small, 1), np.float32))
    free = raycast.open_sky(boxes, points.reshape(-1, 3), vectors.reshape(-1, 3) + 1e-5)
    free = cv2.GaussianBlur(free.reshape(small).astype(np.float32), (0, 0), 1.6)
    free = cv2.resize(free, (width, height), interpolation=cv2.INTER_LINEAR)
    return 0.3 + 0.7 * free
