import numpy as np
import pytest
from mmcv.transforms.utils import cache_random_params

from depthdecomp_mm.datasets import PhotometricAugment


@pytest.fixture
def img():
    return np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)


def expected(img, seed):
    """The formula, pixel by pixel in double precision, with the draws in their order."""
    np.random.seed(seed)
    np.random.rand()
    gamma, brightness = np.random.uniform(0.9, 1.1), np.random.uniform(0.75, 1.25)
    color = np.random.uniform(0.9, 1.1, size=3)
    return 255 * np.clip((img / 255.0) ** gamma * brightness * color, 0, 1)


@pytest.mark.parametrize('seed', range(3))
def test_formula(img, seed):
    for dtype, tolerance in ((np.uint8, 0.5001), (np.float32, 1e-3)):
        np.random.seed(seed)
        source = img.astype(dtype)
        out = PhotometricAugment(prob=1.0)(dict(img=source))['img']
        assert out.dtype == dtype and np.array_equal(source, img)
        assert np.abs(out - expected(img, seed)).max() <= tolerance


def test_identity_and_saturation(img):
    one = (1.0, 1.0)
    same = PhotometricAugment(gamma=one, brightness=one, color=one, prob=1.0)(dict(img=img))
    assert np.array_equal(same['img'], img)
    bright = PhotometricAugment(gamma=one, brightness=(9.0, 9.0), color=one, prob=1.0)
    assert np.array_equal(bright(dict(img=img))['img'], np.minimum(img.astype(int) * 9, 255))


def test_probability(img):
    assert PhotometricAugment(prob=0.0)(dict(img=img))['img'] is img
    np.random.seed(0)
    transform = PhotometricAugment(prob=0.5)
    changed = sum(transform(dict(img=img))['img'] is not img for _ in range(400))
    assert 160 < changed < 240  # four standard deviations


def test_cached_randomness(img):
    transform = PhotometricAugment()
    with cache_random_params(transform):
        first, second = (transform(dict(img=img))['img'] for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    'arguments',
    [dict(gamma=(1.1, 0.9)), dict(brightness=(0.0, 1.0)), dict(color=(1.0,)), dict(prob=1.5)],
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        PhotometricAugment(**arguments)
