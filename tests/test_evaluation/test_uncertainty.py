"""Intervals over images, and what they say of two models."""

import math

import numpy as np
import pytest
from mmengine.evaluator import Evaluator

from depthdecomp_mm.evaluation import DepthMapMetric, DepthMetric, KendallTau
from depthdecomp_mm.evaluation.per_image import ImageResult, aggregate, image_table
from depthdecomp_mm.evaluation.tables import format_estimates
from depthdecomp_mm.evaluation.uncertainty import Estimate, compare_paired, estimate

F32 = np.float32


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Errors of images have a long tail: few images are far worse than most."""
    rng = np.random.default_rng(0)
    truth = math.exp(0.5 * 0.4**2)
    found = [estimate(rng.lognormal(0, 0.4, 100)) for _ in range(100)]
    assert 0.9 < np.mean([one.low <= truth <= one.high for one in found]) < 0.98


def test_the_same_values_give_the_same_interval_in_any_order():
    values = np.random.default_rng(0).uniform(size=50)
    assert estimate(values) == estimate(values[::-1]) == estimate([*values, math.nan])
    width = [np.ptp(estimate(values[:count])[1:3]) for count in (10, 50)]
    assert width[0] > 1.5 * width[1]


@pytest.mark.parametrize('values, images', [([], 0), ([math.nan], 0), ([0.5], 1)])
def test_too_few_images_have_no_interval(values, images):
    found = estimate(values)
    assert math.isnan(found.low) and math.isnan(found.high) and found.images == images


def test_equal_values_are_known_exactly():
    assert estimate([0.5] * 4) == Estimate(0.5, 0.5, 0.5, 4)


@pytest.mark.parametrize(
    'shift, higher_is_better, verdict',
    [
        (-0.05, False, 'better'),
        (0.05, False, 'worse'),
        (0.05, True, 'better'),
        (-0.05, True, 'worse'),
        (0, True, 'cannot be told'),
    ],
)
def test_models_are_compared_image_by_image(shift, higher_is_better, verdict):
    """The images differ by far more than the models, so that the intervals of both overlap."""
    rng = np.random.default_rng(3)
    second = rng.uniform(0, 2, 100)
    first = second + shift + rng.normal(0, 0.05, 100)
    found = compare_paired(first, second, higher_is_better)
    assert found.verdict == verdict
    assert found.first - found.second == pytest.approx(found.estimate.mean)
    assert estimate(first).low < estimate(second).high


def test_images_that_one_model_lacks_are_not_compared():
    found = compare_paired([1, math.nan, 3], [2, 5, math.nan], higher_is_better=True)
    assert (found.first, found.second, found.estimate.images) == (1, 2, 1)
    assert found.verdict == 'cannot be told'
    assert compare_paired([], [], True).verdict == 'cannot be told'
    with pytest.raises(ValueError):
        compare_paired([1, 2], [1], True)


class Metric(DepthMapMetric):
    names = ('x', 'y')

    def measure(self, pixels):
        raise NotImplementedError

    def weight(self, values):
        return values.get('pixels', 1.0)

    def power(self, name):
        return 2 if name == 'y' else 1


def test_a_number_that_an_image_does_not_define_is_left_out_of_its_mean_alone():
    results = [
        ImageResult('a', dict(x=1.0, y=math.nan)),
        ImageResult('b', dict(x=3.0, y=5.0)),
        ImageResult('c', left_out='too dark'),
    ]
    found = aggregate(Metric(), results)
    assert (found['x'].mean, found['y'].mean, found['y'].images) == (2, 5, 1)


def test_images_count_by_their_pixels_where_a_metric_says_so():
    rng = np.random.default_rng(0)
    images = [dict(x=v, y=v, pixels=w) for v, w in zip(*rng.uniform(1, 9, (2, 40)), strict=True)]
    found = aggregate(Metric(), [ImageResult(str(i), image) for i, image in enumerate(images)])
    x, w = (np.array([image[key] for image in images]) for key in ('x', 'pixels'))
    assert found['x'].mean == pytest.approx(np.average(x, weights=w))
    assert found['y'].mean == pytest.approx(np.average(x**2, weights=w) ** 0.5)
    assert found['y'].low < found['y'].mean < found['y'].high


def test_rows_of_all_metrics_are_of_their_images(make_sample):
    gt = np.arange(1, 7, dtype=F32).reshape(2, 3)
    samples = [make_sample(gt, gt + 1, img_path='a'), make_sample(gt, 0 * gt + 3, img_path='b')]
    evaluator = Evaluator([DepthMetric(threads=2), KendallTau(prefix='p')])
    evaluator.process(samples)
    evaluator.evaluate(2)
    first, second = image_table(evaluator.metrics)
    assert (first['image'], first['rmse']) == ('a', 1) and first['p/tau'] == pytest.approx(1)
    assert second['image'] == 'b' and 'p/tau' not in second
    assert image_table([]) == []


def test_a_table_has_rows_for_each_alignment():
    one = Estimate(0.5, 0.4, 0.6, 9)
    text = format_estimates({'rmse': one, 'tau': one, 'median/rmse': one})
    lines = [[c.strip() for c in line.strip('|').split('|')] for line in text.splitlines()]
    assert lines[1] == ['', 'rmse', 'tau']
    assert lines[3:9:3] == [['mean', '0.5000', '0.5000'], ['median', '0.5000', '-']]
    assert lines[4:6] == [['95 % from', '0.4000', '0.4000'], ['to', '0.6000', '0.6000']]
