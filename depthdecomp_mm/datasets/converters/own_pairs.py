"""Pairs of a user's own camera, from templates or a list to those that could be read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.datasets.pairing import parse_line, parse_lines
from depthdecomp_mm.errors import SampleError

from .custom import find_files, recording_order
from .indexing import match_files
from .inspection import Outcome, check_scale, inspect_pair
from .running import parallel_map


def pairs_by_name(root: Path, color: str, depth: str) -> tuple[list[dict], list[str]]:
    """Pair the files below a folder that fit two templates, in the order of recording.

    Args:
        root: The folder.
        color: Template of the images, as :func:`~.custom.find_files` takes it.
        depth: Template of the depth maps.

    Returns:
        ``img_path``, ``depth_map_path`` and ``focal`` of each pair, and why others are missing.

    Raises:
        SampleError: As :func:`~.custom.find_files` does.
    """
    files = {kind: find_files(root, text) for kind, text in (('color', color), ('depth', depth))}
    complete, problems = match_files(dict.fromkeys(files, root), files)
    complete.sort(key=lambda pair: recording_order(pair['color']))
    return [_pair(pair['color'], pair['depth']) for pair in complete], problems


def listed_pairs(root: Path, path: Path) -> tuple[list[dict], list[str]]:
    """The pairs of a list of lines ``rgb depth [focal]``; see :func:`pairs_by_name`.

    Args:
        root: Folder that the paths are relative to.
        path: The list.
    """
    rows = parse_lines(str(path), parse_line)
    pairs = [_pair(root / color, root / depth, focal) for color, depth, focal in rows if depth]
    return pairs, [f'{path}: {color} has no depth' for color, depth, _ in rows if not depth]


def _pair(color: Path, depth: Path, focal: float | None = None) -> dict:
    return dict(img_path=str(color), depth_map_path=str(depth), focal=focal)


def image_names(pairs: Sequence[dict], root: Path) -> list[str]:
    """The images' paths as a test list spells them."""
    return [Path(os.path.relpath(pair['img_path'], root)).as_posix() for pair in pairs]


def read_pairs(
    root: Path,
    pairs: Sequence[dict],
    problems: Sequence[str],
    depth_scale: float,
    max_depth: float | None,
    workers: int,
) -> tuple[list[dict], list[Outcome]]:
    """Read pairs as training does.

    Args:
        root: Their folder, for messages.
        pairs: ``img_path`` and ``depth_map_path`` of each.
        problems: Why further pairs are missing.
        depth_scale: Stored units per metre.
        max_depth: Largest depth that counts, in metres; the median must be plausible with it. None
            to accept any.
        workers: Number of processes.

    Returns:
        The readable ones of the pairs, and the outcomes of all.

    Raises:
        SampleError: If none is readable, or the median depth is implausible in metres.
    """
    samples = [dict(pair, depth_scale=depth_scale) for pair in pairs]
    outcomes = parallel_map(inspect_pair, samples, workers, 'pairs')
    good = [sample for sample, outcome in zip(samples, outcomes, strict=True) if outcome.stats]
    outcomes += [Outcome(problem=problem) for problem in problems]
    if not good:
        reason = outcomes[0].problem if outcomes else 'none was found'
        raise SampleError(f'{root}: no pair is usable, expected at least two: {reason}')
    if max_depth is not None:
        check_scale(outcomes, depth_scale, good[0]['depth_map_path'], max_depth)
    return good, outcomes
