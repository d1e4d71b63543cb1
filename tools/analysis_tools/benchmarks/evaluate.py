"""All metrics of 480 x 640 frames against ``scipy.stats.kendalltau`` on the same pixels alone.

A frame's depth has the resolution of 16-bit millimetres; it is measured everywhere, and evaluated
inside the NYU crop. Metrics measure frames in threads, as many as there are cores; SciPy takes one
frame after another.
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
    parser.add_argument('--frames', type=positive_int, default=64, help='evaluated in a round')
    parser.add_argument('--workers', type=positive_int, help='threads; default: one for each core')


def run(args: Namespace) -> None:
    sample = frame()
    pixels = build()[0].protocol.select(sample, 'pred_depth_map')

    def kendalltau(first: np.ndarray, second: np.ndarray) -> float:
        return [stats.kendalltau(first, second).statistic for _ in range(args.frames)][-1]

    calls = {
        'kendalltau': lambda: kendalltau(pixels.pred, pixels.gt),
        'kendalltau, arguments exchanged': lambda: kendalltau(pixels.gt, pixels.pred),
        'all metrics': lambda: evaluate(sample, args.frames, args.workers)[1][-1].values['tau'],
    }
    rows = compare(
        take_turns(calls, args.rounds, args.warmup), lambda a, b: abs(float(a) - float(b))
    )
    rows[-1].note = kept(sample, args.frames)
    title = f'evaluate, {args.frames} frames of {pixels.gt.size} pixels, {args.rounds} rounds'
    report(rows, title, 'cpu', args.json)


def evaluate(sample: dict, frames: int, threads: int | None = None) -> list[list]:
    """What each metric keeps of as many frames, once all of them are measured."""
    metrics = build(threads)
    for _ in range(frames):
        for metric in metrics:
            metric.process(None, [sample])
    return [metric.results for metric in metrics]


def build(threads: int | None = None) -> list:
    """The metrics of the NYU configs."""
    return [metric(crop='nyu', threads=threads) for metric in METRICS]


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
    one, more = (len(pickle.dumps(evaluate(sample, count))) for count in (1, frames + 1))
    return f'{(more - one) / frames:.0f} bytes kept of a frame'
