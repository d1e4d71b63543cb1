"""The cameras of the frames, their poses, and how they turn light into an 8-bit picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from depthdecomp_mm.apis import CAMERAS, Intrinsics


def kinect(size: tuple[int, int]) -> Intrinsics:
    """NYUv2's colour camera at a frame size (width, height), with square pixels.

    Its numbers are taken to a hundredth of a pixel: a seed gives the bytes that it always gave.
    """
    width, height = size
    nyu = CAMERAS['nyu']
    return Intrinsics.from_focal(
        size,
        round(nyu.fx, 2) / nyu.width * width,
        cx=(round(nyu.cx, 2) + 0.5) / nyu.width * width - 0.5,
        cy=(round(nyu.cy, 2) + 0.5) / nyu.height * height - 0.5,
    )


def viewing_rays(camera: Intrinsics) -> np.ndarray:
    """(H, W, 3) float32 rays of all pixels in camera axes (x right, y down) with z = 1."""
    rays = np.ones((camera.height, camera.width, 3), np.float32)
    rays[..., 0] = ((np.arange(camera.width, dtype=np.float32) - camera.cx) / camera.fx)[None]
    rays[..., 1] = ((np.arange(camera.height, dtype=np.float32) - camera.cy) / camera.fy)[:, None]
    return rays


@dataclass(frozen=True)
class Pose:
    """Where a camera is and looks.

    Args:
        position: (3,) float32, metres.
        rotation: (3, 3) float32; columns are the camera's right, down and forward axes.
    """

    position: np.ndarray
    rotation: np.ndarray

    @classmethod
    def looking(cls, position, yaw: float, pitch: float = 0.0, roll: float = 0.0) -> Pose:
        """Pose from heading, elevation (up is positive) and roll, all in radians."""
        cp = math.cos(pitch)
        forward = np.array([math.cos(yaw) * cp, math.sin(yaw) * cp, math.sin(pitch)])
        right = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
        down = np.cross(forward, right)
        c, s = math.cos(roll), math.sin(roll)
        axes = [c * right + s * down, c * down - s * right, forward]
        return cls(np.asarray(position, np.float32), np.stack(axes, 1).astype(np.float32))


@dataclass(frozen=True)
class Photo:
    """How a camera develops light.

    Args:
        brightness: Display value, 0..1, that the scene's mean luminance is exposed to.
        balance: Gains of red, green, blue.
        contrast: Slope about middle grey in display values.
        blur: Standard deviation of the lens blur, in pixels of a 640 wide frame.
        noise: Standard deviation of the noise in display values.
        vignette: Loss of light in the corners, 0..1.
    """

    brightness: float
    balance: tuple[float, float, float]
    contrast: float
    blur: float
    noise: float
    vignette: float

    @classmethod
    def sample(cls, rng: np.random.Generator, spread: float) -> Photo:
        """Draws settings; ``spread`` 0 is a perfect automatic camera, 1 a motley of them."""
        return cls(
            brightness=float(np.clip(0.5 + 0.08 * spread * rng.normal(), 0.3, 0.68)),
            balance=tuple(np.exp(rng.normal(0, 0.12 * spread, 3)).tolist()),
            contrast=float(np.exp(rng.normal(0, 0.15 * spread))),
            blur=float(0.8 + spread * min(rng.exponential(0.8), 2.0)),
            noise=float(0.006 + 0.01 * spread * min(rng.exponential(), 3.0)),
            vignette=float(rng.uniform(0, 0.5 * spread)),
        )

    def develop(self, light: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Linear light (H, W, 3) float32, RGB, to a picture (H, W, 3) uint8, BGR."""
        height, width = light.shape[:2]
        light = light * np.asarray(self.balance, np.float32)
        luminance = np.minimum(light.mean(2), 2.5 * np.median(light))
        light = light * np.float32(self.brightness**2.2 / max(float(luminance.mean()), 1e-6))
        if self.vignette:
            x, y = np.linspace(-1, 1, width)[None], np.linspace(-1, 1, height)[:, None]
            light = light * (1 - self.vignette * (x**2 + y**2) / 2)[..., None].astype(np.float32)
        light = cv2.GaussianBlur(light, (0, 0), max(self.blur * width / 640, 0.5))
        # Shoulder: bright surfaces saturate gently instead of clipping.
        value = np.where(light > 0.6, 0.6 + 0.4 * np.tanh((light - 0.6) / 0.4), light)
        value = np.maximum(value, 0) ** np.float32(1 / 2.2)
        value = (value - 0.5) * self.contrast + 0.5
        value = value + rng.standard_normal(value.shape, np.float32) * self.noise
        return np.round(np.clip(value[..., ::-1], 0, 1) * 255).astype(np.uint8)
