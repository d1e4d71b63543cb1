"""Errors image by image, and what a scale makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from depthdecomp_mm.apis import DepthInferencer
from depthdecomp_mm.datasets.pairing import parse_line, parse_lines
from depthdecomp_mm.datasets.transforms import LoadDepthAnnotation
from depthdecomp_mm.evaluation.functional import depth_errors, kendall_tau

LIMITS = (1e-3, 10.0)
"""Metres that count."""


class Predicted(NamedTuple):
    """A frame's valid pixels.

    Attributes:
        image: Path of the image.
        depth: (N,) prediction, metres.
        truth: (N,) measured depth, metres.
    """

    image: str
    depth: np.ndarray
    truth: np.ndarray

    def errors(self) -> dict[str, float]:
        """The errors of :func:`depth_errors`, and tau, which is NaN for a constant."""
        errors = depth_errors(np.clip(self.depth, *LIMITS), self.truth)
        return errors | dict(tau=kendall_tau(self.depth, self.truth))


def predict_list(inferencer: DepthInferencer, path: Path) -> list[Predicted]:
    """Predict the frames of a list; depth is in millimetres.

    Args:
        inferencer: The network.
        path: Lines ``image depth``, absolute or relative to the list's folder.
    """
    pairs = read_list(path)
    depths = inferencer.iterate_images([image for image, _ in pairs])
    return [
        _valid(image, sample.pred_depth_map.data[0].numpy(), depth)
        for (image, depth), (_, sample) in zip(pairs, depths, strict=True)
    ]


def read_list(path: Path) -> list[tuple[str, str]]:
    """Image and depth map of each line."""
    lines = parse_lines(str(path), parse_line)
    return [(str(path.parent / image), str(path.parent / depth)) for image, depth, _ in lines]


def constant_list(path: Path, metres: float) -> list[Predicted]:
    """The frames of a list, predicted as a constant."""
    return [
        Predicted(image, np.full_like(truth, metres), truth)
        for image, truth in ((image, true_depth(depth)[1]) for image, depth in read_list(path))
    ]


def true_depth(path: str) -> tuple[np.ndarray, np.ndarray]:
    """The (H, W) mask of the pixels that count, and the (N,) metres of these."""
    info = dict(depth_map_path=path, depth_scale=1000, max_depth=LIMITS[1])
    results = LoadDepthAnnotation().transform(info)
    depth = results['gt_depth_map']
    valid = results['gt_valid_mask'] & (depth > LIMITS[0]) & (depth < LIMITS[1])
    return valid, depth[valid]


def mean_truth(paths: Iterable[tuple[str, str]]) -> float:
    """Mean of the valid depth of frames, metres."""
    truths = [true_depth(depth)[1] for _, depth in paths]
    return float(sum(t.sum(dtype='float64') for t in truths) / sum(t.size for t in truths))


def _valid(image: str, depth: np.ndarray, path: str) -> Predicted:
    valid, truth = true_depth(path)
    return Predicted(image, depth[valid], truth)
