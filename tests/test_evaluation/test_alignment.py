"""Alignments: their definitions, and what metrics make of them."""

import numpy as np
import pytest
from scipy import optimize

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.evaluation import WHDR, DepthMetric, KendallTau, align_metrics
from depthdecomp_mm.evaluation.alignment import ALIGNMENTS, align
from depthdecomp_mm.evaluation.functional import depth_errors
from tests.builders import evaluate

F32 = np.float32
NUMBERS = DepthMetric.numbers


@pytest.fixture
def pair():
    """Prediction and ground truth of 2000 pixels, float64 metres."""
    rng = np.random.default_rng(0)
    gt = rng.uniform(0.5, 9, 2000)
    return (0.4 * gt + 0.3) * np.exp(rng.normal(0, 0.1, gt.size)), gt


def lstsq(x, y):
    scale, shift = np.linalg.lstsq(np.stack([x, np.ones_like(x)], 1), y, rcond=None)[0]
    return scale * x + shift


def test_nothing_is_done_without_alignment(pair):
    assert align('none', *pair) is pair[0]


def test_the_median_is_that_of_the_ground_truth(pair):
    pred, gt = pair
    found = align('median', pred, gt)
    assert np.median(found) == pytest.approx(np.median(gt), rel=1e-12)
    np.testing.assert_allclose(found / pred, found[0] / pred[0], rtol=1e-12)


def test_the_scale_has_the_least_relative_error(pair):
    pred, gt = pair
    found = align('scale', pred, gt)[0] / pred[0]
    error = lambda scale: np.mean(np.abs(scale * pred - gt) / gt)  # noqa: E731
    best = optimize.minimize_scalar(error, bounds=(0.1, 10), options=dict(xatol=1e-10))
    assert error(found) <= best.fun + 1e-12
    assert found == pytest.approx(best.x, rel=1e-4)


def test_affine_depth_is_least_squares(pair):
    pred, gt = pair
    np.testing.assert_allclose(align('affine_depth', pred, gt), lstsq(pred, gt), rtol=1e-9)
    affine = align('affine_depth', 3 * pred - 7, gt)  # negative in part
    np.testing.assert_allclose(affine, lstsq(pred, gt), rtol=1e-9)


@pytest.mark.parametrize('name, offset', [('affine_disparity', 0), ('affine_code', 1)])
def test_inverse_depth_is_fitted_and_kept_above_that_of_the_farthest(pair, name, offset):
    pred, gt = pair
    line = lstsq(1 / (pred + offset), 1 / (gt + offset))
    expected = np.minimum(1 / line - offset, gt.max())
    expected[line <= 0] = gt.max()
    found = align(name, pred, gt)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert found.max() == pytest.approx(gt.max()) and (found == found.max()).sum() > 5
    given = align(name, 5 / (pred + offset) - 2, gt, is_inverse=True)
    np.testing.assert_allclose(given, expected, rtol=1e-9)


@pytest.mark.parametrize('name', [name for name in ALIGNMENTS if name != 'none'])
def test_a_constant_prediction_is_aligned(name):
    found = align(name, np.full(4, 2.0), np.array([1.0, 2.0, 3.0, 4.0]))
    assert np.ptp(found) == 0 and 1 < found[0] < 4


@pytest.fixture
def samples(make_sample):
    rng = np.random.default_rng(1)
    images = []
    for number in range(4):
        gt = rng.uniform(0.5, 9, (9, 11)).astype(F32)
        gt[rng.random(gt.shape) < 0.2] = 0
        pred = (0.5 * gt + 0.4) * np.exp(rng.normal(0, 0.1, gt.shape))
        normalized = 1 / (pred + 1)
        normalized = (normalized - normalized.mean()) / normalized.std()
        images.append(
            make_sample(
                gt, pred.astype(F32), normalized=normalized.astype(F32), img_path=f'{number}'
            )
        )
    return images


@pytest.mark.parametrize('metric', [DepthMetric, WHDR])
def test_alignments_in_one_pass_are_those_one_by_one(metric, samples):
    together = evaluate(metric(align=tuple(ALIGNMENTS)), samples)
    apart = {}
    for name in ALIGNMENTS:
        apart |= evaluate(metric(align=name), samples)
    assert together == apart
    assert list(together) == [
        number if name == 'none' else f'{name}/{number}'
        for name in ALIGNMENTS
        for number in metric.numbers
    ]


def test_aligned_errors_are_those_of_the_aligned_map(samples):
    found = evaluate(DepthMetric(align='affine_disparity'), samples)
    expected = []
    for sample in samples:
        gt, pred = (sample[k]['data'][0].numpy() for k in ('gt_depth_map', 'pred_depth_map'))
        pred, gt = pred[gt > 0].astype(float), gt[gt > 0].astype(float)
        inverse = np.maximum(lstsq(1 / pred, 1 / gt), 1 / gt.max())
        expected.append(depth_errors(np.clip(1 / inverse, 1e-3, 10), gt))
    for number in NUMBERS:
        mean = np.mean([errors[number] for errors in expected])
        assert found[f'affine_disparity/{number}'] == pytest.approx(mean, rel=1e-9)


def test_a_scale_changes_neither_tau_nor_whdr_but_a_shift_does(make_sample):
    gt = np.linspace(1, 9, 99, dtype=F32).reshape(9, 11)
    shifted, scaled = make_sample(gt, gt + 2), make_sample(gt, 3 * gt + 6)
    assert evaluate(KendallTau(), [scaled]) == evaluate(KendallTau(), [shifted])
    found = evaluate(WHDR(align=['none', 'median', 'affine_depth']), [scaled])
    assert found['median/whdr'] == found['whdr'] > 1
    assert found['affine_depth/whdr'] < 0.1


def test_a_network_without_metres_is_aligned_as_one_that_has_them(samples):
    """The normalized map is that of the predicted depth, in Eq. 12's code."""
    metres = evaluate(DepthMetric(align='affine_code'), samples)
    normalized = evaluate(DepthMetric(align='affine_code', pred_key='pred_normalized_map'), samples)
    assert normalized == pytest.approx(metres, rel=1e-5)
    both = ['affine_disparity', 'affine_code']
    found = evaluate(DepthMetric(align=both, pred_key='pred_normalized_map'), samples)
    assert found['affine_disparity/abs_rel'] > found['affine_code/abs_rel']


def test_a_normalized_map_of_depth_is_aligned_in_depth(samples):
    depth = [
        {**sample, 'pred_normalized_map': sample['pred_depth_map'], 'representation': 'depth'}
        for sample in samples
    ]
    found = evaluate(DepthMetric(align='affine_depth', pred_key='pred_normalized_map'), depth)
    assert found == pytest.approx(evaluate(DepthMetric(align='affine_depth'), samples))
    metric = DepthMetric(align='affine_disparity', pred_key='pred_normalized_map')
    with pytest.raises(
        SampleError, match=r"0: pred_normalized_map .* align must be of \('affine_d"
    ):
        evaluate(metric, depth)


@pytest.mark.parametrize(
    'change, words',
    [(dict(label_type='relative'), "label_type 'metric'"), (dict(pred=np.inf), 'infinite')],
)
def test_what_cannot_be_aligned_is_refused_by_name(samples, make_sample, change, words):
    gt = np.ones((2, 2), F32)
    sample = make_sample(gt, gt * change.pop('pred', 1), img_path='a.png', **change)
    with pytest.raises(SampleError, match=f'a.png.*{words}'):
        evaluate(WHDR(align='median'), [sample])


@pytest.mark.parametrize('align', ['mean', [], ['median', 'median'], ['none', 'mean']])
def test_unknown_alignments_are_refused(align):
    with pytest.raises(ValueError, match=r"align must be one or several of \('none', 'median'"):
        DepthMetric(align=align)


def test_a_normalized_map_has_no_metres_to_scale():
    with pytest.raises(ValueError, match=r"align must be of \['affine_code', 'affine_depth'"):
        DepthMetric(align=['median', 'affine_disparity'], pred_key='pred_normalized_map')


def test_the_log_names_the_alignments():
    words = DepthMetric(align=['none', 'affine_disparity']).describe()
    assert 'alignment none; affine_disparity (scale and shift of 1/depth, least squares)' in words


def test_errors_of_all_pixels_alike(make_sample):
    """As if the pixels of all images were those of one."""
    rng = np.random.default_rng(2)
    gts = [rng.uniform(1, 9, (1, width)).astype(F32) for width in (3, 40)]
    preds = [(gt * rng.uniform(0.5, 1.5, gt.shape)).astype(F32) for gt in gts]
    found = evaluate(
        DepthMetric(average='pixel'), [make_sample(*p) for p in zip(gts, preds, strict=True)]
    )
    one = evaluate(DepthMetric(), [make_sample(np.hstack(gts), np.hstack(preds))])
    assert found.keys() == one.keys()
    silog = found.pop('silog')
    assert found == pytest.approx({key: one[key] for key in found}, rel=1e-9)
    logs = [np.log(pred.clip(max=10) / gt) for pred, gt in zip(preds, gts, strict=True)]
    within = np.hstack([log - log.mean() for log in logs])
    assert silog == pytest.approx(100 * np.sqrt(np.mean(within**2)), rel=1e-5)
    assert 'every pixel of all images alike' in DepthMetric(average='pixel').describe()
    with pytest.raises(ValueError, match="average must be 'image' or 'pixel'"):
        DepthMetric(average='pixels')


def test_metrics_of_a_config_are_aligned():
    evaluator = [dict(type='DepthMetric', crop='nyu'), dict(type='KendallTau')]
    assert align_metrics(evaluator, ('none', 'median')) == [
        dict(type='DepthMetric', crop='nyu', align=['none', 'median']),
        dict(type='KendallTau'),
    ]
    assert 'align' not in evaluator[0]
    without = align_metrics([dict(type='WHDR')], ['affine_disparity'], has_metres=False)
    added = dict(align=['affine_disparity'], pred_key='pred_normalized_map')
    assert without[1:] == [dict(type='depthdecomp_mm.DepthMetric', **added)]
