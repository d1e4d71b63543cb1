"""What results say of claims: intervals over seeds and over places, and a verdict."""

import math

import numpy as np
import pytest
from scipy import stats

from depthdecomp_mm.files import write_bytes
from depthdecomp_mm.workshop.experiments import claims_table, with_images
from depthdecomp_mm.workshop.experiments.claims import Comparison, compare


def run_of(*values, images=()):
    rows = [dict(image=image, rmse=value) for image, value in images]
    return {str(seed): dict(rmse=value, images=rows) for seed, value in enumerate(values)}


def test_seeds_are_paired():
    """All of a network's seeds vary, but the difference does not: that counts."""
    found = compare(run_of(1.0, 2.0, 3.0), run_of(1.5, 2.6, 3.4), 'rmse')
    assert found.difference == pytest.approx(-0.5)
    t = stats.t.ppf(0.975, 2) * np.std([0.5, 0.6, 0.4], ddof=1) / math.sqrt(3)
    assert found.over_seeds == pytest.approx((-0.5 - t, -0.5 + t))
    assert found.verdict(smaller_is_better=True) == 'holds'
    assert found.verdict(smaller_is_better=False) == 'fails'


def test_seeds_and_images_that_one_run_lacks_do_not_count():
    better = run_of(1.0, 2.0, images=[('a/1', 1.0), ('b/1', 2.0), ('c/1', 5.0)])
    found = compare(better, run_of(3.0, images=[('a/1', 2.0), ('b/1', 4.0)]), 'rmse')
    assert found.difference == -2 and math.isnan(found.over_seeds[0])
    assert found.over_images == (-2.0, -1.0)
    assert found.verdict(smaller_is_better=True) == 'cannot be told'


def test_frames_of_a_place_count_as_one():
    """A hundred frames of two places are no hundred places."""
    rng = np.random.default_rng(0)
    frames = [
        (f'{place}/{i}', place + rng.normal(0, 0.01)) for place in range(2) for i in range(50)
    ]
    zeros = [(image, 0.0) for image, _ in frames]
    found = compare(run_of(0.5, images=frames), run_of(0.0, images=zeros), 'rmse')
    assert found.over_images[1] - found.over_images[0] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ('seeds', 'images', 'verdict'),
    [
        ((-2, -1), (-2, -1), 'holds'),
        ((1, 2), (1, 2), 'fails'),
        ((-2, 1), (-2, -1), 'cannot be told'),
        ((-2, -1), (-2, 1), 'cannot be told'),
        ((-2, -1), (1, 2), 'cannot be told'),
        ((-2, -1), (math.nan, math.nan), 'holds'),
        ((math.nan, math.nan), (-2, -1), 'cannot be told'),
    ],
)
def test_all_that_is_known_must_agree(seeds, images, verdict):
    assert Comparison(-1, seeds, images).verdict(smaller_is_better=True) == verdict


def test_the_table_says_what_is_not_there():
    claims = [dict(claim='A beats B', better='a', worse='b', metrics=('rmse', 'tau'))]
    rows = claims_table(claims, dict(a=run_of(1.0, 1.1), b=run_of(2.0, 2.1))).splitlines()[-2:]
    assert rows == [
        '| A beats B | RMSE | -1.000 | -1.000 to -1.000 | - | holds |',
        "| A beats B | Kendall's τ | - | - | - | - |",
    ]


def test_images_are_read_from_the_folders_of_the_runs(tmp_path):
    (tmp_path / 'a' / 'seed_0').mkdir(parents=True)
    write_bytes(tmp_path / 'a' / 'seed_0' / 'metrics.json', b'{"rmse": 2, "images": [3]}')
    found = with_images({'a': {'0': dict(rmse=1), '1': dict(rmse=2)}}, tmp_path)
    assert found == {'a': {'0': dict(rmse=1, images=[3]), '1': dict(rmse=2, images=[])}}
