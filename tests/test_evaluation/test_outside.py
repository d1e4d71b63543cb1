"""The metrics beside implementations of others, on real frames, to 1e-6.

What is not installed is skipped by its name; ``tests/hosts/run.sh`` installs all of it.
"""

import numpy as np
import pytest
import torch
from scipy import optimize, stats

from depthdecomp_mm.evaluation import DepthMetric, KendallTau, PointCloudMetric
from depthdecomp_mm.evaluation.boundaries import depth_boundary_errors
from depthdecomp_mm.evaluation.canny import canny
from depthdecomp_mm.evaluation.functional import depth_errors, kendall_tau
from depthdecomp_mm.evaluation.points import plane_normal, rays
from tests.builders import evaluate

LIMITS = (1e-3, 10.0)
ALIGNMENTS = ('none', 'median', 'scale', 'affine_depth', 'affine_disparity')


def close(value):
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def install(name):
    return pytest.importorskip(name, reason=f'{name} is not installed: tests/hosts/run.sh')


@pytest.fixture(scope='module')
def pixels(scene_frames):
    """The evaluated pixels of each frame: prediction and ground truth, float64 metres."""
    valid = [(gt > LIMITS[0]) & (gt < LIMITS[1]) for gt, _, _ in scene_frames]
    return [
        (pred[where].astype(np.float64), gt[where].astype(np.float64))
        for (gt, pred, _), where in zip(scene_frames, valid, strict=True)
    ]


@pytest.fixture(scope='module')
def limited(pixels):
    """The same, the prediction limited to the range."""
    return [(np.clip(pred, *LIMITS), gt) for pred, gt in pixels]


@pytest.fixture
def samples(scene_frames, make_sample):
    return [
        make_sample(gt, pred, img_path=f'{number}.png', focal=focal)
        for number, (gt, pred, focal) in enumerate(scene_frames)
    ]


def aligned_elsewhere(name, pred, gt):
    """An alignment by the means of NumPy, SciPy and scikit-learn."""
    if name == 'median':
        pred = pred * np.median(gt) / np.median(pred)
    elif name == 'scale':
        error = lambda scale: np.mean(np.abs(scale * pred - gt) / gt)  # noqa: E731
        found = optimize.minimize_scalar(error, bounds=(0.5, 2), options=dict(xatol=1e-12))
        pred = found.x * pred
    elif name == 'affine_depth':
        pred = line(pred, gt)
    elif name == 'affine_disparity':
        pred = 1 / np.maximum(line(1 / pred, 1 / gt), 1 / gt.max())
    return np.clip(pred, *LIMITS)


def line(x, y):
    model = install('sklearn.linear_model').LinearRegression()
    return model.fit(x[:, None], y).predict(x[:, None])


@pytest.mark.parametrize('name', ALIGNMENTS)
def test_mmsegmentation(name, pixels, samples):
    """Its silog has a factor of 0.5, so that it lies between ours and rmse_log."""
    install('mmseg')
    from mmseg.evaluation import DepthMetric as Theirs

    ours = evaluate(DepthMetric(align=name), samples)
    ours = {key.rpartition('/')[2]: value for key, value in ours.items()}
    theirs, silog = Theirs(), []
    for pred, gt in pixels:
        data = [torch.from_numpy(m)[None] for m in (aligned_elsewhere(name, pred, gt), gt)]
        keys = ('pred_depth_map', 'gt_depth_map')
        theirs.process({}, [{key: dict(data=d) for key, d in zip(keys, data, strict=True)}])
        errors = depth_errors(*(d.numpy()[0] for d in data))
        squares = errors['rmse_log'] ** 2 + (errors['silog'] / 100) ** 2
        silog.append((squares / 2) ** 0.5)
    found = theirs.evaluate(len(pixels))
    assert found.pop('silog') == close(np.mean(silog))
    tolerance = 1e-4 if name == 'scale' else 1e-6  # the minimum is flat
    assert {key: ours[key] for key in found} == pytest.approx(found, rel=tolerance, abs=tolerance)


def test_torchmetrics(limited, samples):
    torchmetrics = install('torchmetrics')
    found = evaluate(DepthMetric(), samples)
    squares, relative = torchmetrics.MeanSquaredError, torchmetrics.MeanAbsolutePercentageError
    data = [tuple(map(torch.from_numpy, pair)) for pair in limited]
    assert found['rmse'] == close(np.mean([squares(squared=False)(*p).item() for p in data]))
    assert found['abs_rel'] == close(np.mean([relative()(*p).item() for p in data]))
    few = [tuple(values[:: values.size // 500] for values in pair) for pair in limited]
    tau = torchmetrics.KendallRankCorrCoef(variant='b')  # its 'a' leaves ties out of all pairs
    theirs = [tau(*map(torch.from_numpy, pair)).item() for pair in few]
    assert [kendall_tau(*pair) for pair in few] == close(theirs)


def test_scikit_learn(limited, samples):
    metrics = install('sklearn.metrics')
    found = evaluate(DepthMetric(), samples)
    rmse, mae = metrics.root_mean_squared_error, metrics.mean_absolute_error
    expected = dict(
        rmse=[rmse(gt, pred) for pred, gt in limited],
        abs_rel=[metrics.mean_absolute_percentage_error(gt, pred) for pred, gt in limited],
        rmse_log=[rmse(np.log(gt), np.log(pred)) for pred, gt in limited],
        log10=[mae(np.log10(gt), np.log10(pred)) for pred, gt in limited],
        sq_rel=[
            metrics.mean_squared_error(gt, pred, sample_weight=1 / gt) * np.mean(1 / gt)
            for pred, gt in limited
        ],
        d1=[
            metrics.accuracy_score(gt > 0, np.maximum(pred / gt, gt / pred) < 1.25)
            for pred, gt in limited
        ],
    )
    for key, values in expected.items():
        assert found[key] == close(np.mean(values)), key


def test_scipy(pixels, limited, samples):
    expected = [stats.kendalltau(*pair).statistic for pair in pixels]
    assert evaluate(KendallTau(), samples)['tau'] == close(np.mean(expected))
    found = evaluate(DepthMetric(), samples)
    logs = [np.log(pred / gt) for pred, gt in limited]
    assert found['silog'] == close(np.mean([100 * stats.tstd(log, ddof=0) for log in logs]))


def test_point_clouds(scene_frames, samples):
    """Nearest neighbours by scikit-learn, of every eighth row and column."""
    neighbors = install('sklearn.neighbors')
    expected = []
    for gt, pred, focal in scene_frames:
        valid = np.zeros(gt.shape, bool)
        valid[::8, ::8] = ((gt > LIMITS[0]) & (gt < LIMITS[1]))[::8, ::8]
        y, x = np.nonzero(valid)
        x, y = x - (gt.shape[1] - 1) / 2, y - (gt.shape[0] - 1) / 2
        space = np.stack([x / focal, y / focal, np.ones(len(x))], 1)
        clouds = [space * depth[valid][:, None] for depth in (pred, gt)]
        near = [neighbors.KDTree(a).query(b)[0].ravel() for a, b in (clouds, clouds[::-1])]
        recall, precision = ((distances < 0.05).mean() for distances in near)
        f_score = 2 * precision * recall / (precision + recall)
        expected.append((np.mean([d.mean() for d in near]), f_score))
    masks = []
    for sample, (gt, _, _) in zip(samples, scene_frames, strict=True):
        mask = torch.zeros(gt.shape, dtype=torch.bool)
        mask[::8, ::8] = torch.from_numpy(gt[::8, ::8] > 0)
        masks.append({**sample, 'gt_valid_mask': mask})
    found = evaluate(PointCloudMetric(points=None), masks)
    assert list(found.values()) == close(np.mean(expected, axis=0))


def test_planes(scene_frames):
    decomposition = install('sklearn.decomposition')
    gt, _, focal = scene_frames[0]
    rows, columns = np.nonzero(gt[:100] > 0)
    points = rays(rows, columns, gt.shape, focal) * gt[rows, columns, None].astype(np.float64)
    pca = decomposition.PCA(3).fit(points)
    spread, normal = plane_normal(points)
    assert abs(normal @ pca.components_[2]) == close(1)
    assert spread == close(np.std((points - points.mean(0)) @ pca.components_[2]))


def test_scikit_image(scene_frames):
    """Rounding may take one pixel of a thousand from one edge to its neighbour."""
    feature = install('skimage.feature')
    for gt, pred, _ in scene_frames:
        scaled = (pred - pred.min()) / np.ptp(pred)
        theirs = feature.canny(scaled, 2**0.5, low_threshold=0.1, high_threshold=0.2)
        ours = canny(scaled)
        assert (ours != theirs).sum() <= theirs.sum() / 1000 and theirs.sum() > 100
        edges = canny(gt / gt.max())
        errors = depth_boundary_errors(pred, edges)
        assert all(0 < value < 10 for value in errors.values())
