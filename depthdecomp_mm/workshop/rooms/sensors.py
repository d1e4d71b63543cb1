"""What depth cameras make of the true depth: Kinect measurements and web stereo disparities."""

from __future__ import annotations

import cv2
import numpy as np

BASELINE = 0.075  # metres between a Kinect's projector and its depth camera
NEAREST, FARTHEST = 0.5, 9.8  # metres that a Kinect measures

BORDER = 0.03, 0.01, 0.02, 0.02  # top, bottom, left, right: share of the frame never measured


def patches(rng: np.random.Generator, shape: tuple[int, int], size: float) -> np.ndarray:
    """Smooth random field (H, W) float32, uniform in 0..1, with patches of ``size`` pixels."""
    small = max(2, int(shape[0] / size) + 2), max(2, int(shape[1] / size) + 2)
    field = cv2.resize(rng.standard_normal(small, np.float32), shape[::-1], interpolation=2)
    ranks = np.empty(field.size, np.float32)
    ranks[np.argsort(field, axis=None, kind='stable')] = np.arange(field.size) / field.size
    return ranks.reshape(shape)


def occlusion_shadow(depth: np.ndarray, focal: float, baseline: float) -> np.ndarray:
    """Pixels that a second eye beside the camera cannot see.

    Args:
        depth: (H, W) float32 z-depth, metres.
        focal: Focal length in pixels.
        baseline: Metres to the second eye; positive: shadows lie to the right of an object.

    Returns:
        (H, W) bool.
    """
    column = np.arange(depth.shape[1], dtype=np.float32)[None]
    if baseline < 0:
        return occlusion_shadow(depth[:, ::-1], focal, -baseline)[:, ::-1]
    other = column + focal * baseline / depth
    # Seen from the other eye, a point is hidden if one on its left lands to its right.
    leading = np.maximum.accumulate(other, axis=1)
    return other < leading - 0.5


def kinect_depth(
    depth: np.ndarray,
    focal: float,
    luminance: np.ndarray,
    cosine: np.ndarray,
    gloss: np.ndarray,
    lost: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Depth as a structured-light camera measures it.

    Args:
        depth: (H, W) float32 true z-depth, metres.
        focal: Focal length in pixels.
        luminance: (H, W) float32 albedo, 0..1; dark surfaces return no pattern.
        cosine: (H, W) float32 between ray and normal; grazing ones neither.
        gloss: (H, W) float32, 0..1; nor glossy ones.
        lost: (H, W) bool, surfaces without any return, such as glass.
        rng: The frame's generator.

    Returns:
        (H, W) uint16 millimetres, 0 where not measured.
    """
    shape = depth.shape
    width = shape[1]
    # The device measures disparity in whole steps; noise and steps in depth grow with its square.
    noise = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), 0.6) * 0.8
    disparity = np.round(1092.5 - 351.3 / depth + noise)
    measured = 351.3 / np.maximum(1092.5 - disparity, 1)
    signal = np.minimum(luminance / 0.06, 1) * np.minimum(cosine / 0.25, 1)
    signal *= np.clip(1.6 - depth / 10, 0, 1) * (1 - 0.55 * gloss)
    hole = signal < 0.15 + 0.5 * patches(rng, shape, width / 14) * patches(rng, shape, width / 40)
    hole |= lost | (depth < NEAREST) | (depth > FARTHEST) | (measured > FARTHEST)
    hole |= occlusion_shadow(depth, focal, BASELINE)
    ragged = rng.random(shape, np.float32) < 0.3
    hole |= ragged & (cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    inside = np.zeros(shape, bool)
    top, bottom, left, right = np.round(np.multiply(BORDER, np.repeat(shape, 2))).astype(int)
    inside[top : shape[0] - bottom, left : width - right] = True
    return np.where(inside & ~hole, np.round(measured * 1000), 0).astype(np.uint16)


def stereo_disparity(
    depth: np.ndarray, focal: float, lost: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Disparity of a stereo photograph of unknown baseline and convergence.

    Args:
        depth: (H, W) float32 true z-depth, metres.
        focal: Focal length in pixels.
        lost: (H, W) bool, surfaces without a reliable match.
        rng: The frame's generator.

    Returns:
        (H, W) uint8 disparity ``s / z + t``, larger = nearer, always above 0, and the valid mask
        (H, W) uint8, 255 or 0.
    """
    shape = depth.shape
    inverse = 1 / depth
    valid = ~lost
    for side in (-1, 1):  # left-right check of the flow
        valid &= ~occlusion_shadow(depth, focal, side * rng.uniform(0.03, 0.08))
    valid &= patches(rng, shape, shape[1] / 10) > rng.uniform(0, 0.08)
    seen = inverse[valid] if valid.any() else inverse
    low, high = np.percentile(seen, (0.2, 99.8))
    floor, top = rng.uniform(2, 40), rng.uniform(215, 254)
    scaled = floor + (inverse - low) * ((top - floor) / max(high - low, 1e-6))
    scaled = scaled + cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), 1.5) * 1.5
    return np.clip(np.round(scaled), 1, 255).astype(np.uint8), np.where(valid, 255, 0).astype(
        np.uint8
    )
