"""What a scale from a few points gives, beside median scaling by the whole ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np

from depthdecomp_mm.robust_fit import relative_scale

from .images import LIMITS, Predicted

POINTS, DRAWS, THIN = 5, 40, 10


def rel(frames: Sequence[Predicted], scales: Sequence[float] | float = 1.0) -> float:
    """Mean REL of frames, each with its scale or all with one, from every tenth pixel."""
    scales = np.broadcast_to(scales, len(frames))
    return fmean(map(_rel, frames, scales))


def _rel(frame: Predicted, scale: float) -> float:
    truth = frame.truth[::THIN]
    return float(np.mean(np.abs(np.clip(scale * frame.depth[::THIN], *LIMITS) - truth) / truth))


def scaled(measured: Sequence[Predicted], tested: Sequence[Predicted]) -> dict[str, object]:
    """REL of frames without a scale, with one from points, and with median scaling.

    Args:
        measured: Frames that points are drawn from, 5 in each of 40 draws, one a frame where there
            are as many.
        tested: Frames whose REL counts.
    """
    rng = np.random.default_rng(0)
    draws = [rel(tested, _from_points(measured, rng)) for _ in range(DRAWS)]
    ratios = [np.median(f.truth) / np.median(f.depth) for f in tested]
    pooled = np.concatenate([f.truth for f in tested])
    guess = np.concatenate([f.depth for f in tested])
    return dict(
        plain=rel(tested),
        points=draws,
        median_each=rel(tested, ratios),
        median_all=rel(tested, float(np.median(pooled) / np.median(guess))),
    )


def _from_points(frames: Sequence[Predicted], rng: np.random.Generator) -> float:
    chosen = rng.choice(len(frames), POINTS, replace=len(frames) < POINTS)
    pixels = [(f, rng.integers(f.truth.size)) for f in (frames[i] for i in chosen)]
    depth, truth = (np.array([getattr(f, k)[p] for f, p in pixels]) for k in ('depth', 'truth'))
    return relative_scale(depth.astype(float), truth.astype(float))
