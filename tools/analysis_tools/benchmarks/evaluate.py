"""All metrics of a 480 x 640 frame against ``scipy.stats.kendalltau`` on the same pixels alone.

The frame's depth has the resolution of 16-bit millimetres; it is measured everywhere, and
evaluated inside the NYU crop. Peak memory is that of one frame; what the metrics keep is measured
over frames.
"""

from __future__ import annotations

import pickle
from argparse import ArgumentParser, Namespace

import cv2
import numpy as np
import torch
from scipy import stats

from depthdecomp_mm.command_line import positive_int
from depthdecomp_mm.evaluation import WHDR, DepthMetric, KendallTau

from .timing import compare, report, take_turns

ROUNDS = 9
METRICS = (DepthMetric, KendallTau, WHDR)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        '--frames', type=positive_int, default=5, help='to see what the metrics keep'
    )


def run(args: Namespace) -> None:
    sample = frame()
    metrics = build()
    pixels = metrics[0].protocol.select(sample, 'pred_depth_map')

    def everything() -> float:
        for metric in metrics:
            metric.process(None, [sample])
        return metrics[1].results[-1]['tau']

    calls = {
        'kendalltau': lambda: stats.kendalltau(pixels.pred, pixels.gt).statistic,
        'kendalltau, arguments exchanged': lambda: (
            stats.kendalltau(pixels.gt, pixels.pred).statistic
        ),
        'all metrics': everything,
    }
    rows = compare(
        take_turns(calls, args.rounds, args.warmup), lambda a, b: abs(float(a) - float(b))
    )
    rows[-1].note = kept(sample, args.frames)
    title = f'evaluate, {pixels.gt.size} pixels, {args.rounds} rounds'
    report(rows, title, 'cpu', args.json)


def build() -> list:
    """The metrics of the NYU configs."""
    return [metric(crop='nyu') for metric in METRICS]


def frame(seed: int = 0) -> dict:
    """A smooth depth map and a prediction of it, (1, 480, 640) metres."""
    rng = np.random.default_rng(seed)
    depth = cv2.resize(rng.uniform(1, 8, (12, 16)).astype(np.float32), (640, 480))
    depth = np.rint(1000 * depth) / np.float32(1000)
    error = cv2.resize(rng.uniform(0.8, 1.2, (24, 32)).astype(np.float32), (640, 480))
    return dict(
        gt_depth_map=torch.from_numpy(depth)[None],
        pred_depth_map=torch.from_numpy(depth * error)[None],
        img_path='frame.jpg',
    )


def kept(sample: dict, frames: int) -> str:
    """Bytes that the metrics hold after one frame and after more."""
    metrics = build()
    sizes = []
    for _ in range(frames):
        for metric in metrics:
            metric.process(None, [sample])
        sizes.append(sum(len(pickle.dumps(metric.results)) for metric in metrics))
    growth = (sizes[-1] - sizes[0]) / max(frames - 1, 1)
    return f'{growth:.0f} bytes kept of a frame'
