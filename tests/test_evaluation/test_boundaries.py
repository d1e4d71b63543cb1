"""Edges of depth: where they are, and what the metrics make of them."""

import numpy as np
import pytest

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.evaluation import BoundaryF1, DepthBoundaryError
from depthdecomp_mm.evaluation.boundaries import THRESHOLDS, boundary_f1, depth_boundary_errors
from depthdecomp_mm.evaluation.canny import canny
from tests.builders import evaluate

F32 = np.float32


@pytest.fixture
def scene():
    """A box before a wall, 1 m and 2 m, of 40 x 60 pixels."""
    depth = np.full((40, 60), 2, F32)
    depth[10:30, 20:50] = 1
    return depth


def f1_by_loops(pred, gt):
    """Pairs of neighbours one by one, in all four directions."""
    height, width = gt.shape
    score = 0
    for threshold in THRESHOLDS:
        recalls, precisions = [], []
        for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            both = predicted = true = 0
            for y in range(height):
                for x in range(width):
                    v, u = y + down, x + right
                    if not (0 <= v < height and 0 <= u < width):
                        continue
                    if np.isnan([gt[y, x], gt[v, u]]).any():
                        continue
                    p = pred[v, u] / pred[y, x] > threshold
                    g = gt[v, u] / gt[y, x] > threshold
                    both, predicted, true = both + (p and g), predicted + p, true + g
            recalls.append(both / max(true, 1))
            precisions.append(both / max(predicted, 1))
        r, p = np.mean(recalls), np.mean(precisions)
        score += threshold * (2 * r * p / (r + p) if r + p else 0)
    return score / THRESHOLDS.sum()


def test_f1_is_that_of_pairs_one_by_one():
    rng = np.random.default_rng(0)
    gt = np.exp(0.12 * rng.normal(size=(9, 13)))
    gt[rng.random(gt.shape) < 0.1] = np.nan
    pred = gt * np.exp(0.05 * rng.normal(size=gt.shape))
    expected = f1_by_loops(pred, gt)
    assert 0.4 < expected < 0.9
    assert boundary_f1(pred, gt) == pytest.approx(expected, abs=1e-12)
    assert boundary_f1(7 * pred, gt) == pytest.approx(expected, abs=1e-12)


def test_f1_tells_sharp_from_smooth_and_near_from_far(scene):
    assert boundary_f1(scene, scene) == pytest.approx(1)
    smooth = np.exp(np.linspace(0, 1, scene.size, dtype=F32)).reshape(scene.shape)
    assert boundary_f1(smooth, scene) == 0
    assert boundary_f1(np.roll(scene, 1, axis=1), scene) < 0.6
    assert boundary_f1(1 / scene, scene) == 0  # the right place, the wrong side


def test_f1_of_images_and_alignments(scene, make_sample):
    gt = scene.copy()
    gt[:, :5] = 0
    pred = np.where(gt > 0, scene, 9)  # an edge where nothing was measured
    found = evaluate(BoundaryF1(), [make_sample(gt, pred), make_sample(gt, np.full_like(pred, 3))])
    assert found == dict(boundary_f1=pytest.approx(0.5))
    weak = make_sample(scene, scene + 18)  # 5 % of depth where it should be 100
    found = evaluate(BoundaryF1(align=('none', 'affine_depth'), max_depth=30), [weak])
    assert found['affine_depth/boundary_f1'] == pytest.approx(1)
    assert found['boundary_f1'] < 0.3
    assert 'ratios of neighbours above 1.05 to 1.25' in BoundaryF1().describe()


def test_canny_finds_a_line_of_one_pixel():
    ramp = np.zeros((30, 40), F32)
    ramp[:, 20:] = 1
    edges = canny(ramp)
    assert edges[5:-5].sum(axis=1).max() <= 2
    rows, columns = np.nonzero(edges)
    assert set(columns) <= {19, 20} and len(set(rows)) == 28
    assert not canny(np.zeros((9, 9), F32)).any()
    assert not canny(0.02 * ramp).any()  # a weak one


def test_a_weak_edge_counts_where_it_continues_a_strong_one():
    step = np.zeros((40, 40), F32)
    step[:, 20:] = np.linspace(0.08, 1, 40, dtype=F32)[:, None]
    assert canny(step, low=0.3, high=1.5)[10].any()
    assert not canny(step[:20], low=0.3, high=1.5).any()


@pytest.mark.parametrize('shift', [0, 1, 3])
def test_boundary_errors_of_a_shifted_edge(shift):
    pred, edges = np.full((40, 60), 2, F32), np.zeros((40, 60), bool)
    pred[:, 30:] = 5
    edges[1:-1, 29 + shift] = True
    found = depth_boundary_errors(pred, edges)
    for name in ('dbe_acc', 'dbe_comp'):
        assert abs(found[name] - shift) <= 1


def test_boundary_errors_where_there_is_nothing():
    edges = np.zeros((40, 60), bool)
    assert np.isnan(list(depth_boundary_errors(np.ones((40, 60), F32), edges).values())).all()
    edges[20] = True
    worst = dict(dbe_acc=10, dbe_comp=10)
    assert depth_boundary_errors(np.ones((40, 60), F32), edges) == worst
    far = np.ones((40, 60), F32)
    far[:5] = 2
    assert depth_boundary_errors(far, edges) == worst  # 15 pixels away


def test_boundary_errors_of_images(scene, make_sample):
    edges = canny(scene - 1)
    sample = make_sample(np.full_like(scene, 2), scene, gt_edge_mask=edges)
    without = make_sample(scene, scene, img_path='without.png')
    assert evaluate(DepthBoundaryError(), [sample, without]) == dict(dbe_acc=0, dbe_comp=0)
    cropped = evaluate(DepthBoundaryError(crop=(5, 35, 10, 60)), [sample])
    assert cropped == dict(dbe_acc=0, dbe_comp=0)
    assert np.isnan(list(evaluate(DepthBoundaryError(), [without]).values())).all()
    wrong = make_sample(scene, scene, gt_edge_mask=edges[1:], img_path='wrong.png')
    with pytest.raises(SampleError, match=r'wrong.png: gt_edge_mask has size \(39, 60\)'):
        evaluate(DepthBoundaryError(), [wrong])
