"""Makes the whole data set, in parallel and so that it can be interrupted and run again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from depthdecomp_mm.parallel import parallel_map, with_progress

from .frames import PARTS, Frame, render
from .writers import SettingsError, check_manifest, is_written, write_list, write_shot

VERSION = 1  # of the generated frames; raise it when the same seed gives other bytes
_QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)


def make_rooms(
    out: str | Path,
    metric_train: int = 2000,
    metric_test: int = 200,
    relative_train: int = 4000,
    relative_val: int = 50,
    size: tuple[int, int] = (160, 120),
    seed: int = 0,
    fov: float | None = None,
    workers: int | None = None,
) -> dict:
    """Renders furnished rooms into ``<out>/nyu`` (metric) and ``<out>/hrwsi`` (relative).

    Frames that are already there are kept, so that an interrupted call can be repeated; the
    number of workers does not change a byte.

    Args:
        out: Output folder.
        metric_train: Number of metric training frames.
        metric_test: Number of metric test frames, of other scenes.
        relative_train: Number of relative training frames.
        relative_val: Number of relative validation frames.
        size: Frame (width, height) in pixels.
        seed: Of everything random.
        fov: Horizontal field of view of the metric frames, degrees; by default that of NYUv2.
        workers: Processes; all cores by default.

    Returns:
        Summary: ``frames``, ``rendered``, ``seconds``, ``frames_per_second``,
        ``depth_quantiles`` (metres) and ``valid_share`` of what this call rendered.

    Raises:
        SettingsError: If an argument is out of range, or the folder holds frames made otherwise.
    """
    counts = dict(
        zip(PARTS, (metric_train, metric_test, relative_train, relative_val), strict=True)
    )
    workers = os.cpu_count() or 1 if workers is None else workers
    _check(counts, workers)
    check_frames(size, seed)
    out = Path(out)
    size = tuple(int(pixels) for pixels in size)
    settings = dict(version=VERSION, size=list(size), seed=seed) | ({'fov': fov} if fov else {})
    check_manifest(out, settings, counts)
    frames = {p: [Frame(p, k, size, seed, fov) for k in range(counts[p])] for p in PARTS}
    todo = [frame for part in PARTS for frame in frames[part] if not is_written(out, frame)]
    start = time.perf_counter()
    with _single_threaded():
        made = parallel_map(partial(_make, out), todo, workers, __name__, chunksize=8)
        results = list(with_progress(made, len(todo)))
    # The lists come last: they never name a file that is not there.
    write_list(out, 'train.txt', frames['metric_train'])
    write_list(out, 'test.txt', frames['metric_test'])
    summary = _summarise(results, sum(counts.values()), time.perf_counter() - start)
    print(_describe(summary), flush=True)
    return summary


def check_frames(size: tuple[int, int], seed: int) -> None:
    """Refuse what no frame can be rendered with.

    Raises:
        SettingsError: If the size or the seed is out of range.
    """
    if len(size) != 2 or not all(isinstance(n, int | np.integer) and n >= 32 for n in size):
        raise SettingsError(f'size must be (width, height), each at least 32 pixels, not {size!r}')
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise SettingsError(f'seed must be a whole number, at least 0, not {seed!r}')


def _check(counts: dict[str, int], workers: int) -> None:
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or count < 0:
            raise SettingsError(
                f'{name} must be a whole number of frames, at least 0, not {count!r}'
            )
    if not isinstance(workers, int | np.integer) or workers < 1:
        raise SettingsError(f'workers must be a whole number, at least 1, not {workers!r}')


def _make(out: Path, frame: Frame) -> tuple[np.ndarray, float]:
    shot = render(frame)
    write_shot(out, frame, shot)
    return shot.depth[::4, ::4].ravel(), float((shot.valid > 0).mean())


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Lets processes started meanwhile use one thread each."""
    names = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, '1'))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _summarise(results: list, frames: int, seconds: float) -> dict:
    depth = np.concatenate([result[0] for result in results]) if results else np.zeros(0)
    return dict(
        frames=frames,
        rendered=len(results),
        seconds=seconds,
        frames_per_second=len(results) / max(seconds, 1e-9),
        depth_quantiles={q: float(np.quantile(depth, q)) for q in _QUANTILES if len(depth)},
        valid_share=float(np.mean([result[1] for result in results])) if results else None,
    )


def _describe(summary: dict) -> str:
    text = f'{summary["frames"]} frames, {summary["frames"] - summary["rendered"]} of them there'
    if not summary['rendered']:
        return f'{text} before; nothing left to render.'
    quantiles = ', '.join(f'{q:.0%} {d:.2f} m' for q, d in summary['depth_quantiles'].items())
    return (
        f'{text} before; rendered {summary["rendered"]} in {summary["seconds"]:.1f} s '
        f'({summary["frames_per_second"]:.1f} frames/s).\n'
        f'Depth: {quantiles}. Valid labels: {summary["valid_share"]:.1%} of the pixels.'
    )
