"""Depth as points in space: distances of clouds, and planes."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from depthdecomp_mm.evaluation import PlanarityError, PointCloudMetric
from depthdecomp_mm.evaluation.points import cloud_errors
from tests.builders import evaluate

F32 = np.float32
FOCAL, SIZE = 50.0, (30, 40)


def directions(size=SIZE, focal=FOCAL):
    """Of each pixel, (H, W, 3)."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    x, y = (columns - (size[1] - 1) / 2) / focal, (rows - (size[0] - 1) / 2) / focal
    return np.stack([x, y, np.ones(size)], axis=-1)


def plane(normal, distance):
    """Depth of a plane seen by the camera."""
    return (distance / (directions() @ np.asarray(normal, float))).astype(F32)


def test_cloud_errors_are_those_of_all_pairs():
    rng = np.random.default_rng(0)
    pred, gt = rng.normal(size=(200, 3)), rng.normal(size=(150, 3))
    pairs = cdist(pred, gt)
    near_pred, near_gt = pairs.min(axis=1), pairs.min(axis=0)
    precision, recall = (near_pred < 0.3).mean(), (near_gt < 0.3).mean()
    found = cloud_errors(pred, gt, 0.3)
    assert found['chamfer'] == pytest.approx((near_pred.mean() + near_gt.mean()) / 2, abs=1e-12)
    assert found['f_score'] == pytest.approx(2 * precision * recall / (precision + recall))


def test_clouds_of_images(make_sample):
    rng = np.random.default_rng(1)
    gt = rng.uniform(1, 3, SIZE).astype(F32)
    gt[:4] = 0
    pred = (gt + rng.normal(0, 0.1, SIZE)).astype(F32)
    space = directions()
    clouds = [(space * depth[..., None])[gt > 0] for depth in (pred, gt)]
    found = evaluate(PointCloudMetric(points=None), [make_sample(gt, pred, focal=FOCAL)])
    assert found == pytest.approx(cloud_errors(*clouds), rel=1e-6)
    # an image that was packed at half the size
    half = make_sample(gt, pred, focal=FOCAL / 2, img_shape=(15, 20))
    assert evaluate(PointCloudMetric(points=None), [half]) == pytest.approx(found)
    cropped = make_sample(gt[4:], pred[4:], focal=FOCAL)
    window = evaluate(
        PointCloudMetric(points=None, crop=(4, 30, 0, 40)), [make_sample(gt, pred, focal=FOCAL)]
    )
    assert window == pytest.approx(found)
    assert evaluate(PointCloudMetric(points=None), [cropped]) != pytest.approx(found, rel=1e-6)


def test_large_clouds_are_thinned(make_sample):
    gt = np.random.default_rng(2).uniform(1, 3, SIZE).astype(F32)
    thinned = np.zeros_like(gt)
    thinned[::3, ::3] = gt[::3, ::3]
    sample = [make_sample(gt, 1.1 * gt, focal=FOCAL)]
    found = evaluate(PointCloudMetric(points=140), sample)  # a ninth of 1200 is 133
    expected = evaluate(
        PointCloudMetric(points=None), [make_sample(thinned, 1.1 * gt, focal=FOCAL)]
    )
    assert found == pytest.approx(expected)
    sparse = np.zeros_like(gt)
    sparse[1::5, 1::7] = 2
    assert evaluate(PointCloudMetric(points=9), [make_sample(sparse, sparse, focal=FOCAL)])[
        'f_score'
    ] == pytest.approx(1)


def test_clouds_are_aligned_and_limited(make_sample):
    gt = np.random.default_rng(3).uniform(1, 3, SIZE).astype(F32)
    sample = [make_sample(gt, 2 * gt, focal=FOCAL)]
    found = evaluate(PointCloudMetric(align=['none', 'median']), sample)
    assert found['median/f_score'] == 1 and found['median/chamfer'] < 1e-6
    assert found['f_score'] < 0.5 < found['chamfer']
    limited = evaluate(PointCloudMetric(max_depth=3), sample)['chamfer']
    assert limited < found['chamfer']


def test_images_without_focal_length_are_left_out(make_sample, log):
    gt = np.full(SIZE, 2, F32)
    known, unknown = make_sample(gt, gt, focal=FOCAL), make_sample(gt, gt + 1)
    assert evaluate(PointCloudMetric(), [known, unknown]) == dict(chamfer=0, f_score=1)
    assert any('1 of 2 images left out of the mean: no focal length' in line for line in log)
    assert math.isnan(evaluate(PointCloudMetric(), [unknown])['chamfer'])
    assert 'up to 15000 points of each cloud, F-score at 5 cm' in PointCloudMetric().describe()
    for arguments in (dict(threshold=0), dict(points=0)):
        with pytest.raises(ValueError, match='threshold and points must be positive'):
            PointCloudMetric(**arguments)


def test_planarity_of_a_turned_and_of_a_rough_plane(make_sample):
    gt, turned = plane((0, 0, 1), 2), plane((math.sin(0.2), 0, math.cos(0.2)), 5)
    labels = np.ones(SIZE, np.int32)
    found = evaluate(PlanarityError(), [make_sample(gt, turned, gt_plane_mask=labels, focal=FOCAL)])
    assert found['pe_ori'] == pytest.approx(math.degrees(0.2), abs=1e-3)
    assert found['pe_flat'] == pytest.approx(0, abs=1e-3)
    rough = gt + np.random.default_rng(4).normal(0, 0.03, SIZE).astype(F32)
    found = evaluate(PlanarityError(), [make_sample(gt, rough, gt_plane_mask=labels, focal=FOCAL)])
    assert found['pe_flat'] == pytest.approx(3, rel=0.1) and found['pe_ori'] < 2


def test_planarity_is_the_mean_over_large_planes(make_sample):
    gt, turned = plane((0, 0, 1), 2), plane((math.sin(0.2), 0, math.cos(0.2)), 2)
    labels = np.zeros(SIZE, np.int32)
    labels[:10], labels[10:20], labels[20, :59] = 1, 2, 3  # 33, 33 and 3 % of the frame
    pred = np.where(labels == 1, turned, np.where(labels == 3, gt + 5 * (gt % 2), gt))
    sample = make_sample(gt, pred, gt_plane_mask=labels, focal=FOCAL)
    found = evaluate(PlanarityError(), [sample])
    assert found['pe_ori'] == pytest.approx(math.degrees(0.2) / 2, abs=1e-3)
    without = make_sample(gt, pred, focal=FOCAL), make_sample(gt, pred, gt_plane_mask=labels)
    assert evaluate(PlanarityError(), [sample, *without]) == found
    assert math.isnan(evaluate(PlanarityError(), list(without))['pe_flat'])
