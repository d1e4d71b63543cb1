"""Numbers as tables of text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from .uncertainty import Estimate


def format_estimates(estimates: Mapping[str, Estimate]) -> str:
    """Lay out means with the ends of their 95 % intervals below.

    Names such as ``median/rmse`` and ``rmse`` share a column, and have rows of their own.
    """
    columns = list(dict.fromkeys(name.rpartition('/')[2] for name in estimates))
    groups = list(dict.fromkeys(name.rpartition('/')[0] for name in estimates))
    rows = [['', *columns]]
    for group in groups:
        found = [estimates.get('/'.join(filter(None, (group, column)))) for column in columns]
        rows.append([group or 'mean', *_numbers(found, 'mean')])
        rows.append(['95 % from', *_numbers(found, 'low')])
        rows.append(['to', *_numbers(found, 'high')])
    return format_rows(rows)


def format_rows(rows: Sequence[Sequence[str]]) -> str:
    """Lay out cells in columns; the first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = '+' + '+'.join('-' * (width + 2) for width in widths) + '+'
    head, *body = (
        '|' + '|'.join(f' {c:>{w}} ' for c, w in zip(row, widths, strict=True)) + '|'
        for row in rows
    )
    return '\n'.join((rule, head, rule, *body, rule))


def _numbers(found: Sequence[Estimate | None], part: str) -> list[str]:
    values = (math.nan if one is None else getattr(one, part) for one in found)
    return ['-' if math.isnan(value) else f'{value:.4f}' for value in values]
