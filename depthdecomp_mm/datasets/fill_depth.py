"""Hole filling of depth maps by colorization (Levin et al., SIGGRAPH 2004).

Each unknown pixel is the weighted mean of its 3x3 neighbours; the weights are high between pixels
of similar grey level, so depth spreads within surfaces and stops at the edges of the image.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.structures import valid_pixels

NEIGHBOURS = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]
MIN_VARIANCE = 2e-6
"""Smallest variance of the weights' Gaussian; grey levels are in 0..1."""
MIN_WEIGHT = 0.01
"""The neighbour closest in grey level never weighs less than this before normalisation."""


def fill_depth(
    depth: np.ndarray,
    image: np.ndarray,
    mask: np.ndarray | None = None,
    soft: bool = False,
    alpha: float = 1.0,
) -> np.ndarray:
    """Fill the holes of a depth map, guided by its image.

    Args:
        depth: (H, W), metres or any other unit, linear in depth; 0 or not finite where unknown.
        image: (H, W, 3) BGR or (H, W) grey uint8 image of the same camera.
        mask: (H, W) bool, the pixels that count as measured. Default: all that are finite and
            positive. Pixels that are not are unknown in any case.
        soft: Smooth the measured pixels too, pulling them towards their measurement, as the
            NYUv2 toolbox does. By default they are kept as they are.
        alpha: Strength of that pull; the smoothness term of a pixel has strength 1.

    Returns:
        (H, W) float32 in the unit of ``depth``, without holes, within the range of the measured
        values.

    Raises:
        SampleError: If no pixel is measured, or if the shapes do not fit each other.
    """
    known = measured_pixels(depth, image, mask)
    filled = np.asarray(depth).astype(np.float32)
    if known.all() and not soft:
        return filled
    measured = filled[known].astype(np.float64)
    if soft:
        laplacian = smoothness_matrix(image, np.ones_like(known))
        diagonal = alpha * known.reshape(1, -1)
        pull = sparse.dia_array((diagonal, [0]), shape=laplacian.shape)
        target = np.zeros(known.size)
        target[known.ravel()] = alpha * measured
        solution = _solve(laplacian + pull, target)
    else:
        rows = smoothness_matrix(image, ~known)
        inside, outside = rows[:, (~known).ravel()], rows[:, known.ravel()]
        solution = _solve(inside, -(outside @ measured))
    # Rounding aside a solution is a weighted mean of measurements.
    solution = np.clip(solution, measured.min(), measured.max())
    if soft:
        return solution.reshape(known.shape).astype(np.float32)
    filled[~known] = solution
    return filled


def measured_pixels(
    depth: np.ndarray, image: np.ndarray, mask: np.ndarray | None = None
) -> np.ndarray:
    """Check the inputs of :func:`fill_depth` and return (H, W) bool, True where measured."""
    if depth.ndim != 2 or image.shape[:2] != depth.shape:
        raise SampleError(
            f'depth of shape {depth.shape} with image of shape {image.shape}: '
            'expected (H, W) and (H, W, 3) or (H, W)'
        )
    known = valid_pixels(depth)
    if mask is not None:
        if mask.shape != depth.shape:
            raise SampleError(f'mask of shape {mask.shape}: expected {depth.shape} as the depth')
        known &= mask.astype(bool)
    if not known.any():
        raise SampleError('depth has no measured pixel to fill from: expected at least one')
    return known


def smoothness_matrix(image: np.ndarray, select: np.ndarray) -> sparse.csr_array:
    """Rows of the smoothness term: a pixel minus the weighted mean of its neighbours.

    Args:
        image: (H, W, 3) BGR or (H, W) grey uint8.
        select: (H, W) bool, the pixels whose rows are wanted.

    Returns:
        (number of selected pixels, H * W) sparse matrix; each row sums to 0.
    """
    grey = _grey(image)
    height, width = grey.shape
    rows, columns = np.nonzero(select)
    steps = np.array(NEIGHBOURS)
    y, x = rows[:, None] + steps[:, 0], columns[:, None] + steps[:, 1]
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    centre = grey[rows, columns][:, None]
    values = np.where(inside, grey[y.clip(0, height - 1), x.clip(0, width - 1)], centre)
    weights = _weights(values - centre, inside)

    index = np.arange(len(rows))
    pixel = rows * width + columns
    entries = np.concatenate([np.ones(len(rows)), -weights[inside]])
    row = np.concatenate([index, np.broadcast_to(index[:, None], inside.shape)[inside]])
    column = np.concatenate([pixel, (y * width + x)[inside]])
    return sparse.csr_array((entries, (row, column)), shape=(len(rows), height * width))


def _weights(difference: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Normalised weights (n, 8) from the neighbours' grey levels relative to their centre's."""
    # The window counts its centre, whose difference is 0, but nothing beyond the image.
    count = inside.sum(1) + 1
    mean = difference.sum(1) / count
    variance = 0.6 * ((difference**2).sum(1) / count - mean**2)
    closest = np.where(inside, difference**2, np.inf).min(1, initial=np.inf)
    closest[np.isinf(closest)] = 0
    variance = np.maximum(variance, -closest / np.log(MIN_WEIGHT)).clip(MIN_VARIANCE)
    weights = np.where(inside, np.exp(-(difference**2) / variance[:, None]), 0)
    return weights / np.maximum(weights.sum(1, keepdims=True), np.finfo(float).tiny)


def _grey(image: np.ndarray) -> np.ndarray:
    """Luma of a BGR image as float64 in 0..1."""
    image = np.asarray(image)
    if image.ndim == 2:
        return image / 255.0
    return image[..., :3] @ np.array([0.114, 0.587, 0.299]) / 255.0


def _solve(matrix: sparse.sparray, target: np.ndarray) -> np.ndarray:
    # The pattern is symmetric and the diagonal dominates: no pivoting is needed, and an ordering
    # for symmetric patterns gives far fewer fill-ins than the default one.
    factors = splu(
        matrix.tocsc(),
        permc_spec='MMD_AT_PLUS_A',
        diag_pivot_thresh=0.0,
        options={'SymmetricMode': True},
    )
    return factors.solve(target)
