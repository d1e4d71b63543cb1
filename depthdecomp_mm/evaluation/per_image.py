"""The numbers of each image, from which those of a test are made."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmengine.logging import print_log

from .uncertainty import Estimate, estimate


@dataclass(frozen=True)
class ImageResult:
    """What a metric keeps of one image.

    Args:
        image: Its path, or what else names it.
        values: Its numbers by name; NaN where the image defines none.
        left_out: Why it has no number at all; empty if it has.
    """

    image: str
    values: Mapping[str, float] = field(default_factory=dict)
    left_out: str = ''


def aggregate(metric: Any, results: Sequence[ImageResult]) -> dict[str, Estimate]:
    """The mean of each number over the images that have it, with its interval.

    Images that are left out are counted in a warning.

    Args:
        metric: A :class:`~depthdecomp_mm.evaluation.DepthMapMetric`.
        results: Of all images.
    """
    label = type(metric).__name__
    reasons = Counter(result.left_out for result in results if result.left_out)
    for reason, count in sorted(reasons.items()):
        _warn(label, count, results, f'the mean: {reason}', lambda r, why=reason: r.left_out == why)
    counted = [result.values for result in results if not result.left_out]
    weights = [metric.weight(values) for values in counted]
    found = {}
    for name in metric.names:
        values = [image.get(name, math.nan) for image in counted]
        found[name] = estimate(values, weights, metric.power(name))
        if missing := len(values) - found[name].images:
            _warn(label, missing, results, f'{name}, which they do not define', _lacks(name))
    return found


def image_table(metrics: Iterable[Any]) -> list[dict[str, Any]]:
    """The numbers of all metrics of an evaluator, a row for each image.

    Args:
        metrics: Those of an evaluator after its evaluation; what is not a
            :class:`~depthdecomp_mm.evaluation.DepthMapMetric` is passed over.

    Returns:
        Of each image ``image`` and its numbers, by the names that the test gives them. What an
        image does not define is absent.
    """
    rows: list[dict[str, Any]] = []
    for metric in metrics:
        results = getattr(metric, 'per_image', ())
        rows = rows or [dict(image=result.image) for result in results]
        for row, result in zip(rows, results, strict=bool(results)):
            row |= {
                metric.full_name(name): value
                for name, value in result.values.items()
                if name in metric.names and not math.isnan(value)
            }
    return rows


def intervals(metrics: Iterable[Any]) -> dict[str, tuple[float, float]]:
    """The 95 % intervals of the means, by the names that the test gives them, where they have one.

    Args:
        metrics: Those of an evaluator after its evaluation; what is not a
            :class:`~depthdecomp_mm.evaluation.DepthMapMetric` is passed over.
    """
    return {
        metric.full_name(name): (found.low, found.high)
        for metric in metrics
        for name, found in getattr(metric, 'estimates', {}).items()
        if not math.isnan(found.low)
    }


def _lacks(name: str) -> Callable[[ImageResult], bool]:
    return lambda result: not result.left_out and math.isnan(result.values.get(name, math.nan))


def _warn(
    label: str,
    count: int,
    results: Sequence[ImageResult],
    what: str,
    is_one: Callable[[ImageResult], bool],
) -> None:
    example = min(result.image for result in results if is_one(result))
    message = f'{label}: {count} of {len(results)} images left out of {what} (such as {example})'
    print_log(message, logger='current', level=logging.WARNING)
