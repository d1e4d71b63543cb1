"""The evaluated pixels as points in space, and distances of two clouds of them."""

from __future__ import annotations

import math

import numpy as np

from .protocol import ValidPixels


def focal_of(pixels: ValidPixels) -> float | None:
    """The focal length in pixels of the ground truth, or None where the sample has none.

    The sample's ``focal`` is in pixels of the image as it was packed (``img_shape``).
    """
    focal = pixels.sample.get('focal')
    if not focal:
        return None
    packed = pixels.sample.get('img_shape', pixels.frame)[:2]
    return focal * math.sqrt(math.prod(pixels.frame) / math.prod(packed))


def rays(rows: np.ndarray, columns: np.ndarray, frame: tuple[int, int], focal: float) -> np.ndarray:
    """Where pixels lie at a depth of 1 m: (N, 3) metres, x right, y down, z forward.

    Args:
        rows: (N,).
        columns: (N,).
        frame: (H, W); its middle is the principal point.
        focal: Pixels.
    """
    x, y = columns - (frame[1] - 1) / 2, rows - (frame[0] - 1) / 2
    return np.stack([x / focal, y / focal, np.ones_like(x)], axis=1)


def cloud_distances(pred: np.ndarray, gt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each point from the nearest one of the other cloud, exactly.

    Args:
        pred: (N, 3) metres.
        gt: (M, 3) metres.

    Returns:
        (N,) and (M,) metres.
    """
    from scipy.spatial import cKDTree  # slow to import

    fast = dict(leafsize=32, balanced_tree=False, compact_nodes=False)
    first, second = (cKDTree(points, **fast) for points in (pred, gt))
    return second.query(pred)[0], first.query(gt)[0]


def cloud_errors(pred: np.ndarray, gt: np.ndarray, threshold: float = 0.05) -> dict[str, float]:
    """Chamfer distance and F-score of two clouds.

    - ``chamfer``: mean distance of predicted points from true ones and that of true points from
      predicted ones, halved; metres
    - ``f_score``: harmonic mean of the shares of both that are less than ``threshold`` away; 0
      where none is

    Definition: Atlas, ``atlas/evaluation.py``, ``eval_mesh(threshold=.05)``, whose ``dist1`` and
    ``dist2`` the chamfer distance averages.

    Args:
        pred: (N, 3) metres.
        gt: (M, 3) metres.
        threshold: Metres.

    Examples:
        >>> wall = np.array([[0.0, 0.0, 2.0], [1.0, 0.0, 2.0]])
        >>> cloud_errors(wall + [0, 0, 0.25], wall)
        {'chamfer': 0.25, 'f_score': 0.0}
    """
    of_pred, of_gt = cloud_distances(pred, gt)
    precision, recall = (float((found < threshold).mean()) for found in (of_pred, of_gt))
    both = precision + recall
    return dict(
        chamfer=float(of_pred.mean() + of_gt.mean()) / 2,
        f_score=2 * precision * recall / both if both else 0.0,
    )


def plane_errors(points: np.ndarray, normal: np.ndarray) -> tuple[float, float]:
    """How flat points that should be a plane are, and how far it is turned.

    Args:
        points: (N, 3) metres.
        normal: (3,) normal of the true plane, of either sign.

    Returns:
        Standard deviation from the fitted plane, centimetres, and its angle to the true one,
        degrees.
    """
    spread, fitted = plane_normal(points)
    sine, cosine = np.linalg.norm(np.cross(fitted, normal)), abs(fitted @ normal)
    return 100 * spread, math.degrees(math.atan2(sine, cosine))


def plane_normal(points: np.ndarray) -> tuple[float, np.ndarray]:
    """Standard deviation of points from the plane that fits them best, and its normal (3,)."""
    centred = points - points.mean(axis=0)
    squares, vectors = np.linalg.eigh(centred.T @ centred / len(points))
    return math.sqrt(max(squares[0], 0.0)), vectors[:, 0]
