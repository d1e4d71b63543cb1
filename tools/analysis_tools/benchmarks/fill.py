"""Hole filling against SciPy's ``spsolve`` on a full system.

- ``full, measured kept``: one equation a pixel, those of measured pixels being x = depth;
- ``fill_depth``: the unknown pixels alone, measured ones kept;
- ``full, toolbox``: one equation a pixel, smoothness everywhere plus a pull to the measurements,
  the system that the NYUv2 toolbox solves;
- ``fill_depth, soft``: the same system with an ordering for symmetric patterns.

The difference is the largest in the holes, relative to the largest depth.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

import cv2
import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from depthdecomp_mm.command_line import positive_float
from depthdecomp_mm.datasets.converters.inspection import Outcome
from depthdecomp_mm.datasets.converters.running import parallel_map
from depthdecomp_mm.datasets.fill_depth import fill_depth, smoothness_matrix
from depthdecomp_mm.datasets.transforms.loading import LoadDepthAnnotation, LoadImageFromFile

from .timing import compare, report, take_turns

ROUNDS = 3


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument('depth', nargs='?', help='depth map with holes (default: a made-up frame)')
    parser.add_argument('image', nargs='?', help='its image')
    parser.add_argument(
        '--depth-scale', type=positive_float, default=1000, help='stored units per metre'
    )
    parser.add_argument('--workers', type=int, default=0, help='time a batch in N processes, too')


def run(args: Namespace) -> None:
    if (args.depth is None) != (args.image is None):
        raise SystemExit('fill: give a depth map and its image, or neither')
    depth, image = read(args) if args.depth else made_up_frame()
    known = depth > 0
    calls: dict[str, Callable[[], np.ndarray]] = {
        'full, measured kept': lambda: full_system(depth, image, soft=False),
        'fill_depth': lambda: fill_depth(depth, image),
        'full, toolbox': lambda: full_system(depth, image, soft=True),
        'fill_depth, soft': lambda: fill_depth(depth, image, soft=True),
    }
    seen = take_turns(calls, args.rounds, args.warmup)
    rows = compare(seen, lambda a, b: float(np.abs(a - b)[~known].max() / b.max()))
    for row in rows:
        row.note = notes(seen[row.name].result, depth, known)
    size = f'{depth.shape[1]} x {depth.shape[0]}, {100 * (~known).mean():.1f} % holes'
    report(rows, f'fill {size}, {args.rounds} rounds', 'cpu', args.json)
    exact, toolbox = seen['fill_depth'], seen['full, toolbox']
    soft = np.abs(seen['fill_depth, soft'].result - toolbox.result).max()
    print(f'\nsoft against the full system of the toolbox: largest {1000 * soft:.4f} mm')
    moved = np.median(1000 * np.abs(exact.result - toolbox.result)[~known])
    print(f'fill_depth against the toolbox, in holes: median {moved:.4f} mm')
    if args.workers:
        print(
            f'batch: {batch_rate(depth, image, args.workers):.2f} frames/s, {args.workers} workers'
        )


def notes(filled: np.ndarray, depth: np.ndarray, known: np.ndarray) -> str:
    changed = (filled != depth)[known].sum()
    return f'holes left: {(filled <= 0).sum()}, measured pixels changed: {changed}'


def read(args: Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Depth in metres, 0 where not measured, and the image."""
    info = dict(img_path=args.image, depth_map_path=args.depth, depth_scale=args.depth_scale)
    sample = LoadDepthAnnotation().transform(LoadImageFromFile().transform(info))
    return sample['gt_depth_map'], sample['img']


def made_up_frame(size: tuple[int, int] = (640, 480)) -> tuple[np.ndarray, np.ndarray]:
    """A smooth depth map with about a quarter of holes, and an image of patches."""
    rng = np.random.default_rng(0)
    depth = cv2.resize(rng.uniform(1, 8, (12, 16)).astype(np.float32), size)
    holes = cv2.resize(rng.random((24, 32)).astype(np.float32), size) > 0.62
    image = cv2.resize(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8), size)
    return np.where(holes, 0, depth).astype(np.float32), image


def full_system(depth: np.ndarray, image: np.ndarray, soft: bool) -> np.ndarray:
    """Solve for all pixels; measured ones keep their depth, or are pulled to it if ``soft``."""
    known = depth.ravel() > 0
    matrix = smoothness_matrix(image, np.ones_like(depth, bool))
    if not soft:
        matrix = sparse.diags_array((~known).astype(float)) @ matrix
    matrix = matrix + sparse.diags_array(known.astype(float))
    return spsolve(matrix.tocsc(), depth.ravel().astype(float)).reshape(depth.shape)


def fill_once(frame: tuple[np.ndarray, np.ndarray]) -> Outcome:
    """One frame of a batch."""
    fill_depth(*frame)
    return Outcome()


def batch_rate(depth: np.ndarray, image: np.ndarray, workers: int) -> float:
    """Frames filled in a second by several processes."""
    frames = [(depth, image)] * 4 * workers
    parallel_map(fill_once, frames[:workers], workers, 'starting the workers')
    start = time.perf_counter()
    parallel_map(fill_once, frames, workers, 'batch')
    return len(frames) / (time.perf_counter() - start)
