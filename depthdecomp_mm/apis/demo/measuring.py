"""Distances in a photograph."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from depthdecomp_mm.apis.intrinsics import Intrinsics
from depthdecomp_mm.apis.point_cloud import unproject

Pixel = tuple[int, int]
INK, PAPER = (20, 20, 20), (255, 255, 255)


@dataclass(frozen=True)
class Measurement:
    """What lies between two points of a photograph.

    Attributes:
        distance: Of the two points in space, metres.
        depths: Depth of each, metres along the optical axis.
    """

    distance: float
    depths: tuple[float, float]

    def __str__(self) -> str:
        near, far = self.depths
        return f'{self.distance:.2f} m apart, at depths of {near:.2f} m and {far:.2f} m'


def measure(depth: np.ndarray, camera: Intrinsics, first: Pixel, second: Pixel) -> Measurement:
    """Measure the straight line between the points in space that two pixels show.

    Args:
        depth: (H, W) metres along the optical axis.
        camera: The camera; scaled to the size of the depth map.
        first: Column and row.
        second: Column and row.

    Examples:
        >>> camera = Intrinsics(fx=100, fy=100, cx=0, cy=0, width=200, height=1)
        >>> print(measure(np.full((1, 200), 2.0), camera, (0, 0), (150, 0)))
        3.00 m apart, at depths of 2.00 m and 2.00 m
    """
    points = unproject(depth, camera)
    (x0, y0), (x1, y1) = first, second
    distance = math.dist(points[y0, x0], points[y1, x1])
    return Measurement(distance, (float(depth[y0, x0]), float(depth[y1, x1])))


def draw_points(picture: np.ndarray, points: list[Pixel], label: str = '') -> np.ndarray:
    """Draw up to two points, the line between them and words beside it.

    Args:
        picture: (H, W, 3) uint8 RGB.
        points: Column and row of each.
        label: The words.

    Returns:
        A picture of the same size.
    """
    drawn = np.ascontiguousarray(picture).copy()
    unit = max(picture.shape[:2]) / 640
    for color, width in ((PAPER, 5), (INK, 2)):  # legible on any ground
        thickness = max(round(width * unit), 1)
        for point in points:
            cv2.circle(drawn, point, max(round(7 * unit), 2), color, thickness, cv2.LINE_AA)
        if len(points) == 2:
            cv2.line(drawn, *points, color, thickness, cv2.LINE_AA)
    if label:
        _write(drawn, label, np.mean(points, axis=0), unit)
    return drawn


def _write(picture: np.ndarray, label: str, at: np.ndarray, unit: float) -> None:
    """Write words on a light ground near a place, within the picture."""
    font, scale, thickness = cv2.FONT_HERSHEY_SIMPLEX, 0.8 * unit, max(round(2 * unit), 1)
    (width, height), _ = cv2.getTextSize(label, font, scale, thickness)
    margin = max(round(6 * unit), 2)
    limits = np.array(picture.shape[1::-1]) - (width + margin, margin)
    lowest = np.minimum((margin, height + margin), limits)
    x, y = np.clip(at.astype(int) - (width // 2, 2 * margin), lowest, limits).tolist()
    corners = (x - margin, y - height - margin), (x + width + margin, y + margin)
    cv2.rectangle(picture, *corners, PAPER, cv2.FILLED)
    cv2.putText(picture, label, (x, y), font, scale, INK, thickness, cv2.LINE_AA)
