"""Whether the results of a plan bear out that one run is better than another."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import stats

from depthdecomp_mm.evaluation.uncertainty import interval

from .plan import METRICS
from .results import read_json
from .tables import plain

HEADER = ('claim', 'measure', 'difference', '95 % over seeds', '95 % over images', 'verdict')
UNKNOWN = (math.nan, math.nan)


class Comparison(NamedTuple):
    """How much a run lies above another in a metric, and how sure that is.

    Attributes:
        difference: Mean over the seeds that both have; NaN without any.
        over_seeds: 95 % interval by Student's t; NaN with fewer than two seeds.
        over_images: 95 % interval by the bootstrap over folders of test images, of which each is a
            place; NaN where the runs have no numbers of images.
    """

    difference: float
    over_seeds: tuple[float, float] = UNKNOWN
    over_images: tuple[float, float] = UNKNOWN

    def verdict(self, smaller_is_better: bool) -> str:
        """'holds', 'fails' (the opposite is so), or 'cannot be told'.

        It is one of the first two where that over seeds is known, and none that is holds 0.
        """
        known = [ends for ends in (self.over_seeds, self.over_images) if not math.isnan(ends[0])]
        if self.over_seeds not in known:
            return 'cannot be told'
        below, above = all(high < 0 for _, high in known), all(low > 0 for low, _ in known)
        if not (below or above):
            return 'cannot be told'
        return 'holds' if below == smaller_is_better else 'fails'


def compare(better: Mapping[str, dict], worse: Mapping[str, dict], metric: str) -> Comparison:
    """Compare two runs by the seeds and images that both have.

    Args:
        better: Of each seed the metrics and, where known, ``images``: rows of the name
            (``image``) and metrics of each test image.
        worse: Those of the other run.
        metric: A key of :data:`~depthdecomp_mm.workshop.experiments.plan.METRICS`.
    """
    seeds = [s for s in sorted(better) if all(metric in run.get(s, {}) for run in (better, worse))]
    if not seeds:
        return Comparison(math.nan)
    differences = [better[seed][metric] - worse[seed][metric] for seed in seeds]
    pairs = [_of_images(better[seed], worse[seed], metric) for seed in seeds]
    return Comparison(
        float(np.mean(differences)),
        _over_seeds(differences),
        _over_images(list(filter(None, pairs))),
    )


def claims_table(claims: list[dict], results: Mapping[str, Mapping[str, dict]]) -> str:
    """A table in Markdown of what the results say of a plan's claims.

    Args:
        claims: Of the plan, see :class:`~depthdecomp_mm.workshop.experiments.plan.Plan`.
        results: By name of the run and seed, as :func:`compare` takes them.
    """
    rows = []
    for claim in claims:
        for metric in claim['metrics']:
            runs = (results.get(claim[side], {}) for side in ('better', 'worse'))
            rows.append((claim['claim'], *_cells(compare(*runs, metric), metric)))
    return f'**Claims**\n\n{plain(HEADER, rows)}\n'


def with_images(results: dict, work_dir: str | Path) -> dict[str, dict[str, dict]]:
    """Results with the numbers of each test image, where the runs' folders hold them."""
    found = {}
    for name, seeds in results.items():
        for seed, metrics in seeds.items():
            path = Path(work_dir, name, f'seed_{seed}', 'metrics.json')
            images = read_json(path).get('images', []) if path.is_file() else []
            found.setdefault(name, {})[seed] = {**metrics, 'images': images}
    return found


def _of_images(better: dict, worse: dict, metric: str) -> dict[str, float]:
    values = [
        {row['image']: row[metric] for row in run.get('images', ()) if metric in row}
        for run in (better, worse)
    ]
    return {image: values[0][image] - values[1][image] for image in values[0] if image in values[1]}


def _over_seeds(differences: list[float]) -> tuple[float, float]:
    if len(differences) < 2:
        return UNKNOWN
    found = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    return float(found.low), float(found.high)


def _over_images(differences: list[dict[str, float]]) -> tuple[float, float]:
    """Of the mean over seeds; the differences of each seed by image."""
    places: dict[str, list[float]] = {}
    for of_seed in differences:
        for image, value in of_seed.items():
            places.setdefault(os.path.dirname(image), []).append(value)
    return interval([math.fsum(place) for place in places.values()], [*map(len, places.values())])


def _cells(found: Comparison, metric: str) -> tuple[str, ...]:
    heading, decimals, smaller_is_better = METRICS[metric]
    if math.isnan(found.difference):
        return heading, '-', '-', '-', '-'
    ends = [
        '-' if math.isnan(low) else f'{low:+.{decimals}f} to {high:+.{decimals}f}'
        for low, high in (found.over_seeds, found.over_images)
    ]
    return heading, f'{found.difference:+.{decimals}f}', *ends, found.verdict(smaller_is_better)
