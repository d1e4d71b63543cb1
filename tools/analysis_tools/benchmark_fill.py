"""Time hole filling against SciPy's ``spsolve`` on the full system, side by side in one run.

Four solutions of the same frame, in turns, so that other load falls on all of them alike:

- ``fill_depth``: the unknown pixels alone, measured ones kept;
- ``full, measured kept``: one equation a pixel, those of measured pixels being x = depth;
- ``full, toolbox``: one equation a pixel, smoothness everywhere plus a pull to the measurements,
  the system that the NYUv2 toolbox solves;
- ``fill_depth, soft``: the same system with an ordering for symmetric patterns.

    benchmark_fill.py DEPTH.png IMAGE.jpg [--depth-scale 1000]
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from depthdecomp_mm.datasets.converters.inspection import Outcome
from depthdecomp_mm.datasets.converters.running import parallel_map, run
from depthdecomp_mm.datasets.fill_depth import fill_depth, smoothness_matrix
from depthdecomp_mm.datasets.transforms.loading import LoadDepthAnnotation, LoadImageFromFile


def full_kept(depth: np.ndarray, image: np.ndarray) -> np.ndarray:
    """All pixels as unknowns; measured ones have the equation x = depth."""
    known = depth.ravel() > 0
    rows = smoothness_matrix(image, np.ones_like(depth, bool))
    matrix = sparse.diags_array((~known).astype(float)) @ rows
    matrix += sparse.diags_array(known.astype(float))
    return spsolve(matrix.tocsc(), depth.ravel().astype(float)).reshape(depth.shape)


def full_toolbox(depth: np.ndarray, image: np.ndarray) -> np.ndarray:
    """All pixels as unknowns; smoothness everywhere, measured ones pulled to their measurement."""
    known = depth.ravel() > 0
    matrix = smoothness_matrix(image, np.ones_like(depth, bool))
    matrix += sparse.diags_array(known.astype(float))
    return spsolve(matrix.tocsc(), depth.ravel().astype(float)).reshape(depth.shape)


def fill_soft(depth: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The toolbox's variant of :func:`fill_depth`."""
    return fill_depth(depth, image, soft=True)


def fill_once(frame: tuple[np.ndarray, np.ndarray]) -> Outcome:
    """One frame of a batch."""
    fill_depth(*frame)
    return Outcome()


METHODS: dict[str, Callable] = {
    'fill_depth': fill_depth,
    'full, measured kept': full_kept,
    'full, toolbox': full_toolbox,
    'fill_depth, soft': fill_soft,
}


def compare(
    depth: np.ndarray, image: np.ndarray, repeats: int
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Median seconds and result of every method, repetitions interleaved."""
    seconds: dict[str, list[float]] = {name: [] for name in METHODS}
    results = {}
    for _ in range(repeats):
        for name, method in METHODS.items():
            start = time.perf_counter()
            results[name] = method(depth, image)
            seconds[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in seconds.items()}, results


def difference(first: np.ndarray, second: np.ndarray, where: np.ndarray) -> str:
    """Median, 90th percentile and largest absolute difference in millimetres."""
    if not where.any():
        return 'no pixels'
    error = 1000 * np.abs(first - second)[where]
    return (
        f'median {np.median(error):.4f}, 90 % {np.percentile(error, 90):.4f}, '
        f'largest {error.max():.4f} mm'
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('depth', help='depth map with holes')
    parser.add_argument('image', help='its image')
    parser.add_argument('--depth-scale', type=float, default=1000, help='stored units per metre')
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument('--workers', type=int, default=0, help='time a batch in N processes, too')
    args = parser.parse_args(argv)
    info = dict(img_path=args.image, depth_map_path=args.depth, depth_scale=args.depth_scale)
    sample = LoadDepthAnnotation().transform(LoadImageFromFile().transform(info))
    depth, image = sample['gt_depth_map'], sample['img']
    known = depth > 0
    print(f'{depth.shape[1]} x {depth.shape[0]}, {100 * (~known).mean():.1f} % holes, '
          f'medians of {args.repeats}')  # fmt: skip
    seconds, results = compare(depth, image, args.repeats)
    filled = results['fill_depth']
    for name, value in seconds.items():
        factor = value / seconds['fill_depth']
        print(f'  {name:20} {value:7.3f} s  {factor:5.1f} times fill_depth')
    print('fill_depth against')
    for name in list(METHODS)[1:3]:
        print(f'  {name}, in holes: {difference(filled, results[name], ~known)}')
        print(f'  {name}, measured: {difference(filled, results[name], known)}')
    everywhere = np.ones_like(known)
    soft = difference(results['fill_depth, soft'], results['full, toolbox'], everywhere)
    print(f'soft against the full system of the toolbox: {soft}')
    print(f'holes left: {(filled <= 0).sum()}, measured pixels changed: '
          f'{(filled != depth)[known].sum()}')  # fmt: skip
    if args.workers:
        frames = [(depth, image)] * 4 * args.workers
        parallel_map(fill_once, frames[: args.workers], args.workers, 'starting the workers')
        start = time.perf_counter()
        parallel_map(fill_once, frames, args.workers, 'batch')
        rate = len(frames) / (time.perf_counter() - start)
        print(f'batch: {rate:.2f} frames/s with {args.workers} workers')
    return 0


if __name__ == '__main__':
    run(main)
