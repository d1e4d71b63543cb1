"""Hole filling against loops over the definition, dense solvers and known solutions."""

import cv2
import numpy as np
import pytest

from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.datasets.fill_depth import fill_depth, smoothness_matrix


def definition(image):
    """The smoothness term pixel by pixel: window variance, weights, normalisation."""
    grey = image.astype(float) @ [0.114, 0.587, 0.299] / 255
    height, width = grey.shape
    matrix = np.eye(height * width)
    for i in range(height):
        for j in range(width):
            window = [
                (y, x)
                for y in range(max(i - 1, 0), min(i + 2, height))
                for x in range(max(j - 1, 0), min(j + 2, width))
                if (y, x) != (i, j)
            ]
            values = np.array([grey[p] for p in window])
            variance = 0.6 * np.var(np.append(values, grey[i, j]))
            closest = ((values - grey[i, j]) ** 2).min()
            variance = max(variance, -closest / np.log(0.01), 2e-6)
            weights = np.exp(-((values - grey[i, j]) ** 2) / variance)
            for (y, x), weight in zip(window, weights / weights.sum(), strict=True):
                matrix[i * width + j, y * width + x] = -weight
    return matrix


@pytest.fixture
def noisy():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (7, 9, 3), np.uint8)
    depth = rng.uniform(1, 5, (7, 9)).astype(np.float32)
    depth[rng.random((7, 9)) < 0.5] = 0
    return depth, image


def test_smoothness_matrix_is_the_definition(noisy):
    _, image = noisy
    select = np.random.default_rng(1).random((7, 9)) < 0.6
    np.testing.assert_allclose(
        smoothness_matrix(image, select).toarray(), definition(image)[select.ravel()], atol=1e-9
    )


def test_hard_solution_solves_the_full_system(noisy):
    depth, image = noisy
    known = (depth > 0).ravel()
    matrix = np.where(known[:, None], np.eye(63), definition(image))
    filled = fill_depth(depth, image)
    expected = np.linalg.solve(matrix, depth.ravel()).reshape(7, 9)
    np.testing.assert_allclose(filled, expected, rtol=1e-5)
    assert (filled[depth > 0] == depth[depth > 0]).all()


@pytest.mark.parametrize('alpha', [0.1, 1.0, 100.0])
def test_soft_solution_solves_the_toolbox_system(noisy, alpha):
    depth, image = noisy
    pull = alpha * (depth > 0).ravel()
    expected = np.linalg.solve(definition(image) + np.diag(pull), pull * depth.ravel())
    expected = expected.clip(depth[depth > 0].min(), depth.max()).reshape(7, 9)
    np.testing.assert_allclose(
        fill_depth(depth, image, soft=True, alpha=alpha), expected, rtol=1e-5
    )


def test_plane_is_continued_where_the_image_is_flat():
    plane = 1 + 0.01 * np.arange(20)[:, None] + 0.02 * np.arange(30)
    depth = plane.copy()
    depth[5:12, 8:20] = 0
    filled = fill_depth(depth, np.full((20, 30, 3), 128, np.uint8))
    np.testing.assert_allclose(filled, plane, atol=1e-5)


def test_depth_stops_at_an_edge_of_the_image():
    image = np.zeros((10, 20, 3), np.uint8)
    image[:, 10:] = 255
    depth = np.zeros((10, 20))
    depth[5, 2], depth[5, 17] = 1, 4
    filled = fill_depth(depth, image)
    assert filled[:, :9].max() < 1.1
    assert filled[:, 11:].min() > 3.9


@pytest.mark.parametrize('size', [(1, 1), (1, 7), (5, 1), (2, 2), (33, 17)])
@pytest.mark.parametrize('soft', [False, True])
def test_any_size_with_one_measurement_becomes_that_everywhere(size, soft):
    image = np.random.default_rng(2).integers(0, 256, (*size, 3), np.uint8)
    depth = np.zeros(size)
    depth[size[0] // 2, size[1] // 2] = 2.5
    assert (fill_depth(depth, image, soft=soft) == np.float32(2.5)).all()


def test_full_frame_is_returned_as_it_is(noisy):
    _, image = noisy
    depth = np.random.default_rng(3).uniform(1, 9, (7, 9)).astype(np.float32)
    filled = fill_depth(depth, image)
    assert (filled == depth).all()
    assert filled is not depth


def test_mask_and_non_finite_values_are_unknown(noisy):
    depth, image = noisy
    depth = np.where(depth > 0, depth, np.nan)
    depth[0, 0] = 1000.0
    mask = np.ones_like(depth, bool)
    mask[0, 0] = False
    filled = fill_depth(depth, image, mask)
    assert np.isfinite(filled).all()
    assert filled.max() <= np.nanmax(depth[mask])


@pytest.mark.parametrize(
    ('depth', 'image', 'mask', 'message'),
    [
        (np.zeros((4, 5)), (4, 5, 3), None, 'no measured pixel'),
        (np.ones((4, 5)), (4, 5, 3), np.zeros((4, 5), bool), 'no measured pixel'),
        (np.ones((4, 5)), (5, 4, 3), None, r'\(4, 5\).*\(5, 4, 3\)'),
        (np.ones((4, 5)), (4, 5, 3), np.ones((2, 5), bool), r'mask of shape \(2, 5\)'),
    ],
)
def test_bad_input(depth, image, mask, message):
    with pytest.raises(SampleError, match=message):
        fill_depth(depth, np.zeros(image, np.uint8), mask)


def test_real_frame_has_no_holes_and_no_measured_pixel_changes(real_rgbd):
    stored = cv2.imread(str(real_rgbd / 'nyu_sync/sync_depth_00000.png'), cv2.IMREAD_UNCHANGED)
    image = cv2.imread(str(real_rgbd / 'nyu_sync/rgb_00000.jpg'))
    filled = fill_depth(stored, image)
    assert (stored == 0).mean() > 0.25
    assert (filled > 0).all()
    assert (filled[stored > 0] == stored[stored > 0]).all()
