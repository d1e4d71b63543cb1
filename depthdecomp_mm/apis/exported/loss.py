"""What lower precision costs: metrics on frames, and the bound that they have to keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from depthdecomp_mm.apis.inferencer import DepthInferencer
from depthdecomp_mm.apis.inputs import list_inputs
from depthdecomp_mm.datasets.pairing import parse_line, parse_lines
from depthdecomp_mm.datasets.transforms import LoadDepthAnnotation
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.evaluation.functional import depth_errors, kendall_tau

from .about import About
from .model import ExportedModel, Runner

MOST_FRAMES = 32
PIXELS_OF_A_FRAME = 20000


class Frame(NamedTuple):
    """An image to calibrate on.

    Attributes:
        image: Path.
        depth: Path of its depth map, if it has one.
    """

    image: str
    depth: str | None = None


@dataclass(frozen=True)
class Metrics:
    """Means over frames: ``rel`` is lower the better, ``tau`` higher."""

    rel: float
    tau: float

    def __str__(self) -> str:
        return f'REL {self.rel:.4f}, tau {self.tau:.4f}'


@dataclass(frozen=True)
class Bound:
    """How much worse metrics may get.

    Attributes:
        rel: Of REL, relative to that in float32; where frames have no depth, REL itself.
        tau: Of Kendall's tau, absolute.
    """

    rel: float = 0.01
    tau: float = 0.003

    def excess(self, before: Metrics, after: Metrics) -> float:
        """How much of the bound is used up; above 1 it is not kept."""
        # a reference of 0 is the float32 prediction itself
        rel = (after.rel - before.rel) / (before.rel or 1.0) / self.rel
        return float(max(rel, (before.tau - after.tau) / self.tau))


def read_frames(path: str | Path) -> list[Frame]:
    """Read the names of frames, of which 32 at most are taken, evenly.

    Args:
        path: A folder of images, or a list with lines ``image depth [focal]``, relative to it;
            ``None`` as depth where there is none.

    Raises:
        SampleError: If there is no frame, or a file is missing.
    """
    path = Path(path)
    if path.is_dir():
        frames = [Frame(image) for image in list_inputs(path)]
    else:
        lines = parse_lines(str(path), parse_line)
        frames = [Frame(*(n and str(path.parent / n) for n in line[:2])) for line in lines]
    if not frames:
        raise SampleError(f'{path}: no frame')
    chosen = np.linspace(0, len(frames) - 1, min(len(frames), MOST_FRAMES)).round().astype(int)
    return [frames[i] for i in chosen]


class Calibration:
    """Frames, at which reduced precision is aimed and measured.

    Frames with depth are measured against it. If none has any, the prediction in float32 takes its
    place.

    Args:
        frames: Those of :func:`read_frames`.
        about: Of the file in float32.
        run: Runs it.
        depth_scale: Stored units of depth in a metre.

    Raises:
        SampleError: If a file is missing, damaged or without depth.
    """

    def __init__(
        self, frames: Sequence[Frame], about: About, run: Runner, depth_scale: float | None = None
    ) -> None:
        self._about = about
        inferencer = self._inferencer(run)
        measured = [frame for frame in frames if frame.depth]
        if measured and not depth_scale:
            raise SampleError(f'{measured[0].depth}: say its unit: --depth-scale')
        self.has_depth = bool(measured)
        self._images = [frame.image for frame in measured or frames]
        self.batches = [self._batch(inferencer, frame.image) for frame in frames]
        self._truths = [self._load(frame, depth_scale) for frame in measured]
        self._truths = self._truths or list(self._predict(run))
        self.before = self.measure(run)

    def _inferencer(self, run: Runner) -> DepthInferencer:
        model = ExportedModel(run, self._about, 'the exported model')
        # of the images of the file's own camera
        return DepthInferencer(model, flip_test=False, show_progress=False)

    @staticmethod
    def _batch(inferencer: DepthInferencer, image: str) -> np.ndarray:
        data = inferencer.collate_fn([inferencer.pipeline(image)])
        return inferencer.model.data_preprocessor(data)['inputs'].numpy()

    def _load(self, frame: Frame, depth_scale: float | None) -> np.ndarray:
        info = dict(depth_map_path=frame.depth, depth_scale=depth_scale)
        info['max_depth'] = self._about.max_depth
        results = LoadDepthAnnotation().transform(info)
        if not results['gt_valid_mask'].any():
            raise SampleError(f'{frame.depth}: no pixel has depth')
        return np.where(results['gt_valid_mask'], results['gt_depth_map'], 0)

    def _predict(self, run: Runner) -> Iterator[np.ndarray]:
        for _, sample in self._inferencer(run).iterate_images(self._images):
            yield sample.pred_depth_map.data[0].numpy()

    def measure(self, run: Runner) -> Metrics:
        """Metrics of a file; of each frame 20000 pixels count, always the same."""
        pairs = zip(self._images, self._predict(run), self._truths, strict=True)
        return Metrics(*np.mean([astuple(_metrics(*pair)) for pair in pairs], axis=0).tolist())


def _metrics(image: str, depth: np.ndarray, truth: np.ndarray) -> Metrics:
    if depth.shape != truth.shape:
        raise SampleError(f'{image}: is {depth.shape}, but its depth map {truth.shape} (H, W)')
    valid = np.flatnonzero(truth)
    if valid.size > PIXELS_OF_A_FRAME:
        valid = np.random.default_rng(0).choice(valid, PIXELS_OF_A_FRAME, replace=False)
    found, truth = depth.ravel()[valid], truth.ravel()[valid]
    return Metrics(depth_errors(found, truth)['abs_rel'], kendall_tau(found, truth))
