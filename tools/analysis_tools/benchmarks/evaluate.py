"""All metrics of 480 x 640 frames against ``scipy.stats.kendalltau`` on the same pixels alone.

Errors of depth are taken under five alignments; the others are tau, WHDR, boundary F1, and those of
point clouds. Without ``--list`` a frame's depth is made up, with the resolution of 16-bit
millimetres; it is measured everywhere, and evaluated inside the NYU crop. Predictions are the depth
with smooth errors. Metrics measure frames in threads, as many as there are cores; SciPy takes one
frame after another.
"""

from __future__ import annotations

import pickle
from argparse import ArgumentParser, Namespace
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy import stats

from depthdecomp_mm.command_line import positive_int
from depthdecomp_mm.datasets.pairing import parse_line, parse_lines
from depthdecomp_mm.evaluation import WHDR, BoundaryF1, DepthMetric, KendallTau, PointCloudMetric

from .timing import compare, report, take_turns

ROUNDS = 9
ALIGNMENTS = ('none', 'median', 'scale', 'affine_depth', 'affine_disparity')
FOCAL = 519.0
"""Of frames that are made up or whose line states none, pixels."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument('--frames', type=positive_int, default=64, help='evaluated in a round')
    parser.add_argument(
        '--workers', type=positive_int, help='threads of each metric; default: one for each core'
    )
    parser.add_argument(
        '--list',
        type=Path,
        help='real frames: lines of image, depth (millimetres) and focal length',
    )


def run(args: Namespace) -> None:
    samples = list(islice(cycle(read_frames(args.list) if args.list else [frame()]), args.frames))
    crop = None if args.list else 'nyu'
    protocol = DepthMetric(crop=crop).protocol
    pixels = [protocol.select(sample, 'pred_depth_map') for sample in samples]

    def kendalltau(exchanged: bool) -> float:
        pairs = ((p.gt, p.pred) if exchanged else (p.pred, p.gt) for p in pixels)
        return np.mean([stats.kendalltau(*pair).statistic for pair in pairs])

    calls = {
        'kendalltau': lambda: kendalltau(False),
        'kendalltau, arguments exchanged': lambda: kendalltau(True),
        'all metrics': lambda: evaluate(build(crop, args.workers), samples)['tau'],
        'all metrics, one thread': lambda: one_by_one(samples, crop)['tau'],
    }
    rows = compare(
        take_turns(calls, args.rounds, args.warmup), lambda a, b: abs(float(a) - float(b))
    )
    rows[-1].note = kept(samples, crop)
    size = round(np.mean([p.gt.size for p in pixels]))
    title = f'evaluate, {args.frames} frames of {size} pixels, {args.rounds} rounds'
    report(rows, title, 'cpu', args.json)


def build(crop: str | None, threads: int | None = None) -> list:
    """All metrics that need no more than depth and a focal length."""
    shared = dict(crop=crop, threads=threads)
    others = (KendallTau, WHDR, BoundaryF1, PointCloudMetric)
    return [DepthMetric(align=ALIGNMENTS, **shared), *(metric(**shared) for metric in others)]


def evaluate(metrics: list, samples: list[dict]) -> dict:
    """The numbers of metrics, once they have measured all frames at the same time."""
    for sample in samples:
        for metric in metrics:
            metric.process(None, [sample])
    return {key: v for metric in metrics for key, v in metric.evaluate(len(samples)).items()}


def one_by_one(samples: list[dict], crop: str | None) -> dict:
    """The same, of one metric after another, each in one thread."""
    found = (evaluate([metric], samples) for metric in build(crop, 1))
    return {key: value for numbers in found for key, value in numbers.items()}


def frame(seed: int = 0) -> dict:
    """A smooth depth map and a prediction of it, (1, 480, 640) metres."""
    rng = np.random.default_rng(seed)
    depth = cv2.resize(rng.uniform(1, 8, (12, 16)).astype(np.float32), (640, 480))
    return sample_of(np.rint(1000 * depth) / np.float32(1000), FOCAL, 'frame.jpg')


def read_frames(path: Path) -> list[dict]:
    """The depth maps of a list, with predictions of them."""
    samples = []
    for _, depth, focal in parse_lines(str(path), parse_line):
        found = cv2.imread(str(path.parent / depth), cv2.IMREAD_UNCHANGED)
        samples.append(sample_of(found / np.float32(1000), focal or FOCAL, depth))
    return samples


def sample_of(depth: np.ndarray, focal: float, name: str) -> dict:
    """A frame as metrics get it, and a prediction with smooth errors."""
    rng = np.random.default_rng(0)
    size = depth.shape[::-1]
    error = cv2.resize(rng.uniform(0.8, 1.2, (24, 32)).astype(np.float32), size)
    pred = np.where(depth > 0, depth, depth.max()) * error
    maps = dict(gt_depth_map=depth, pred_depth_map=pred)
    maps = {key: torch.from_numpy(array)[None] for key, array in maps.items()}
    return dict(maps, img_path=name, focal=focal)


def kept(samples: list[dict], crop: str | None) -> str:
    """Bytes that the metrics hold after one frame and after more."""
    sizes = []
    for some in (samples[:1], [samples[0], *samples]):
        metrics = build(crop)
        for metric in metrics:
            metric.process(None, some)
        sizes.append(len(pickle.dumps([metric.results for metric in metrics])))
    return f'{(sizes[1] - sizes[0]) / len(samples):.0f} bytes kept of a frame'
