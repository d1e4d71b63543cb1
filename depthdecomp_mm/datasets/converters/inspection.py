"""What a pair holds, as the data sets read it, and the summary of a conversion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np

from depthdecomp_mm.datasets.transforms.loading import LoadDepthAnnotation, LoadImageFromFile
from depthdecomp_mm.errors import SampleError

PLAUSIBLE_MEDIAN = (0.3, 50.0)
"""Metres; no set of rooms lies outside."""
TYPICAL = 2.5
COMMON_SCALES = (1, 10, 100, 256, 1000, 5000, 10_000)
LISTED = 20
"""So many problems are printed, the others counted."""


@dataclass(frozen=True)
class DepthStats:
    """Numbers of one depth map: metres, or disparity where the labels are relative."""

    smallest: float
    largest: float
    median: float
    valid_share: float


@dataclass(frozen=True)
class Outcome:
    """What became of one pair: its numbers, or the reason why it is missing."""

    stats: DepthStats | None = None
    problem: str = ''
    reused: bool = False


def depth_stats(depth: np.ndarray, valid: np.ndarray, name: object) -> DepthStats:
    """Numbers of a depth map over its valid pixels.

    Args:
        depth: (H, W), metres or disparity.
        valid: (H, W) bool.
        name: The file, for the error.

    Raises:
        SampleError: If no pixel is valid.
    """
    values = depth[valid]
    if values.size == 0:
        raise SampleError(f'{name}: no pixel is valid')
    return DepthStats(
        float(values.min()), float(values.max()), float(np.median(values)), float(valid.mean())
    )


def inspect_pair(info: dict) -> Outcome:
    """Read a pair with the transforms that training uses.

    Args:
        info: ``img_path``, ``depth_map_path`` and the other keys of a data set's sample.

    Raises:
        SampleError: If a file is missing or damaged or the two do not fit each other.
    """
    results = LoadDepthAnnotation().transform(LoadImageFromFile().transform(dict(info)))
    depth, valid = results['gt_depth_map'], results['gt_valid_mask']
    return Outcome(depth_stats(depth, valid, info['depth_map_path']))


def finished_pair(color: Path, depth: Path, depth_scale: float) -> Outcome | None:
    """The outcome of a pair that an earlier run has written; None if it has to be written."""
    if not (color.exists() and depth.exists()):
        return None
    info = dict(img_path=str(color), depth_map_path=str(depth), depth_scale=depth_scale)
    try:
        return Outcome(inspect_pair(info).stats, reused=True)
    except SampleError:
        return None  # damaged since


def median_depth(outcomes: Sequence[Outcome]) -> float:
    """Median over the pairs of each pair's median depth."""
    return float(np.median([outcome.stats.median for outcome in outcomes if outcome.stats]))


def check_scale(
    outcomes: Sequence[Outcome], depth_scale: float, example: str, max_depth: float | None = None
) -> None:
    """Make sure that the depths of a set of rooms are plausible in metres.

    Args:
        outcomes: Of all pairs, read with ``depth_scale``.
        depth_scale: Stored units per metre.
        example: One of the files, for the error.
        max_depth: Metres; the depths used in training and evaluation.

    Raises:
        SampleError: If the median depth is implausible; names the scale that would mend it.
    """
    median = median_depth(outcomes)
    low, high = PLAUSIBLE_MEDIAN
    high = min(high, max_depth or high)
    if not low <= median <= high:
        fitting = min(COMMON_SCALES, key=lambda s: abs(log(median * depth_scale / s / TYPICAL)))
        hint = f'; a scale of {fitting:g} would give {median * depth_scale / fitting:.3g} m'
        raise SampleError(
            f'{example} and others: median depth {median:.4g} m with depth scale {depth_scale:g}, '
            f'expected {low:g} to {high:g} m' + (hint if fitting != depth_scale else '')
        )


def summarise(title: str, outcomes: Sequence[Outcome], unit: str = 'm') -> str:
    """A few lines about a part of a data set: pairs, missing ones, depth range, valid pixels."""
    good = [outcome.stats for outcome in outcomes if outcome.stats]
    problems = [outcome.problem for outcome in outcomes if outcome.problem]
    reused = sum(outcome.reused for outcome in outcomes)
    lines = [f'{title}: {len(good)} pairs ({reused} of an earlier run), {len(problems)} missing']
    if good:
        shares = [100 * stats.valid_share for stats in good]
        lines += [
            f'  {"depth" if unit == "m" else "disparity"} {min(s.smallest for s in good):.3f} to '
            f'{max(s.largest for s in good):.3f} {unit}'.rstrip()
            + f', median {median_depth(outcomes):.3f} {unit}'.rstrip(),
            f'  valid pixels {np.mean(shares):.1f} % (from {min(shares):.1f} % to '
            f'{max(shares):.1f} % of an image)',
        ]
    lines += [f'  missing: {problem}' for problem in problems[:LISTED]]
    if len(problems) > LISTED:
        lines.append(f'  ... and {len(problems) - LISTED} more')
    return '\n'.join(lines)
