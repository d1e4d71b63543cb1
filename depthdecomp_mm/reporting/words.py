"""What a comparison of two models says, for a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping

from depthdecomp_mm.evaluation.tables import format_rows
from depthdecomp_mm.evaluation.uncertainty import Difference


def comparison_table(first: str, second: str, compared: Mapping[str, Difference]) -> str:
    """A row for each metric: both means, their difference with its interval, and the verdict.

    Args:
        first: Name of the first model.
        second: Name of the second.
        compared: By metric.
    """
    rows = [['', first, second, 'difference', '95 % from', 'to', f'{first} is']]
    for name, found in compared.items():
        difference = found.estimate
        numbers = found.first, found.second, difference.mean, difference.low, difference.high
        rows.append([name, *map(_number, numbers), found.verdict])
    images = max((found.estimate.images for found in compared.values()), default=0)
    return f'{format_rows(rows)}\n{HINT.format(images)}'


HINT = (
    'Paired over {} images that both have seen. It is of these two networks: trained with another '
    'seed, each would lie elsewhere.'
)


def _number(value: float) -> str:
    return '-' if math.isnan(value) else f'{value:.4f}'
