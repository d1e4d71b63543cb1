"""Measurements whose repetitions take turns, and their comparison with a baseline."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from depthdecomp_mm.analysis import describe_device

INSTALL = 'not installed: pip install depthdecomp_mm[benchmark]'


@dataclass
class Measurement:
    """What was seen of one call.

    Attributes:
        result: What it returned in the last round of warm-up.
        seconds: Time of each round that counts.
        peak_mib: Memory that it took beyond what was taken before, MiB; None where unknown.
    """

    result: Any = None
    seconds: list[float] = field(default_factory=list)
    peak_mib: float | None = None


@dataclass
class Row:
    """A line of a table: times in seconds, quotients of the baseline's time and this one's.

    Quotients are taken within each round; ``median``, ``low`` and ``high`` are the median and the
    quartiles over rounds.

    Attributes:
        name: What was measured.
        seconds: Median.
        low_seconds, high_seconds: Quartiles.
        faster: How many times as fast as the baseline, median.
        low_faster, high_faster: Its quartiles.
        peak_mib: See :class:`Measurement`.
        difference: Of the outputs, relative to the baseline's largest value; None if not compared.
        note: Anything else.
    """

    name: str
    seconds: float | None = None
    low_seconds: float | None = None
    high_seconds: float | None = None
    faster: float | None = None
    low_faster: float | None = None
    high_faster: float | None = None
    peak_mib: float | None = None
    difference: float | None = None
    note: str = ''


def take_turns(
    calls: Mapping[str, Callable[[], Any]], rounds: int, warmup: int = 1, device: str = 'cpu'
) -> dict[str, Measurement]:
    """Measure calls, one of each in a round, so that other load falls on all of them alike.

    Args:
        calls: What to call, by name. Each round starts with another one.
        rounds: Rounds that count.
        warmup: Rounds before, 1 or more; memory is taken from the last one.
        device: Device that the calls compute on.
    """
    seen = {name: Measurement() for name in calls}
    for _ in range(max(warmup, 1)):
        for name, call in calls.items():
            before = _reset_peak(device)
            seen[name].result = call()
            _wait(device)
            seen[name].peak_mib = _peak_mib(device, before)
    names = list(calls)
    for index in range(rounds):
        start = index % len(names)
        for name in names[start:] + names[:start]:
            _wait(device)
            begin = time.perf_counter()
            calls[name]()
            _wait(device)
            seen[name].seconds.append(time.perf_counter() - begin)
    return seen


def compare(
    seen: Mapping[str, Measurement], difference: Callable[[Any, Any], float] | None = None
) -> list[Row]:
    """A row for each measurement; the first is the baseline.

    Args:
        seen: Measurements of :func:`take_turns`.
        difference: Of a result and the baseline's, relative.
    """
    baseline = next(iter(seen.values()))
    rows = []
    for name, one in seen.items():
        quotients = [b / s for b, s in zip(baseline.seconds, one.seconds, strict=True)]
        row = Row(name, *spread(one.seconds), *spread(quotients), peak_mib=one.peak_mib)
        if difference is not None and one is not baseline:
            row.difference = difference(one.result, baseline.result)
        rows.append(row)
    return rows


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median and quartiles."""
    if len(values) < 2:
        return (values[0],) * 3
    low, middle, high = statistics.quantiles(values, n=4, method='inclusive')
    return middle, low, high


def relative_difference(values: torch.Tensor, baseline: torch.Tensor) -> float:
    """The largest difference, relative to the baseline's largest value."""
    values, baseline = values.float().cpu(), baseline.float().cpu()
    return ((values - baseline).abs().max() / baseline.abs().max()).item()


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    head = '| | ms | quartiles | times as fast | quartiles | peak MiB | difference | |'
    lines = [head, '| --- ' * 8 + '|']
    for r in rows:
        if r.seconds is None:
            lines.append(f'| {r.name} | | | | | | | {r.note} |')
            continue
        ms = f'{1e3 * r.seconds:.4g} | {1e3 * r.low_seconds:.4g}-{1e3 * r.high_seconds:.4g}'
        faster = ' | '
        if r.faster is not None:
            faster = f'{r.faster:.2f} | {r.low_faster:.2f}-{r.high_faster:.2f}'
        peak = '' if r.peak_mib is None else f'{r.peak_mib:.0f}'
        difference = '' if r.difference is None else f'{r.difference:.1e}'
        lines.append(f'| {r.name} | {ms} | {faster} | {peak} | {difference} | {r.note} |')
    return '\n'.join(lines)


def report(rows: list[Row], title: str, device: str, json_file: str | None) -> None:
    """Print the table, and write it with what it was measured on as JSON if a file is given."""
    where = describe_device(device)
    print(f'{title}; {where}\n\n{table(rows)}')
    if json_file:
        content = dict(title=title, device=where, rows=[asdict(row) for row in rows])
        Path(json_file).write_text(json.dumps(content, indent=1) + '\n')


def _wait(device: str) -> None:
    if 'cuda' in device:
        torch.cuda.synchronize(device)


def _reset_peak(device: str) -> float:
    """Forget the peak; MiB in use now."""
    if 'cuda' in device:
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device) / 2**20
    try:
        Path('/proc/self/clear_refs').write_text('5')
    except OSError:  # not Linux, or not allowed
        return 0.0
    return _status('VmRSS')


def _peak_mib(device: str, before: float) -> float | None:
    if 'cuda' in device:
        return torch.cuda.max_memory_allocated(device) / 2**20 - before
    return max(_status('VmHWM') - before, 0.0) if before else None


def _status(key: str) -> float:
    """A field of this process's status, MiB."""
    for line in Path('/proc/self/status').read_text().splitlines():
        if line.startswith(f'{key}:'):
            return int(line.split()[1]) / 1024
    return 0.0
