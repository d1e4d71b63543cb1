"""The results of a test as a file: means, intervals, every image, and how they were made."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import mmengine
import yaml

from depthdecomp_mm.errors import UserError
from depthdecomp_mm.evaluation import DepthMapMetric
from depthdecomp_mm.evaluation.per_image import image_table, intervals
from depthdecomp_mm.evaluation.uncertainty import Difference, compare_paired
from depthdecomp_mm.files import write_bytes

SUFFIXES = ('.json', '.yaml', '.yml', '.pkl', '.pickle', '.csv')


def gather_results(
    metrics: Iterable[Any], numbers: Mapping[str, float], made: Mapping[str, Any]
) -> dict[str, Any]:
    """Put together what a test has found.

    Args:
        metrics: Those of the evaluator, after the test.
        numbers: What the test returned.
        made: How, see :func:`~depthdecomp_mm.reporting.provenance.how_it_was_made`.

    Returns:
        The numbers by name, apart from those that are NaN, then ``intervals`` (95 %, by name),
        ``higher_is_better`` (names), ``made``, and ``images``, see
        :func:`~depthdecomp_mm.evaluation.per_image.image_table`.
    """
    ours = [metric for metric in metrics if isinstance(metric, DepthMapMetric)]
    higher = [m.full_name(name) for m in ours for name in m.estimates if name in m.higher_is_better]
    known = {key: value for key, value in numbers.items() if value == value}
    more = dict(higher_is_better=higher, made=dict(made), images=image_table(ours))
    ends = {name: list(pair) for name, pair in intervals(ours).items()}
    return {**known, 'intervals': ends, **more}


def write_results(path: str | Path, results: Mapping[str, Any]) -> None:
    """Write results in the format of the path's suffix; CSV holds the images alone."""
    if Path(path).suffix == '.csv':
        write_bytes(Path(path), images_as_csv(results['images']).encode())
    else:
        mmengine.dump(dict(results), path)


def images_as_csv(images: Iterable[Mapping[str, Any]]) -> str:
    """A row for each image, with a head; empty where an image does not define a number."""
    images = list(images)
    columns = list(dict.fromkeys(key for row in images for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator='\n')
    writer.writeheader()
    writer.writerows(images)
    return text.getvalue()


def read_results(path: str | Path) -> dict[str, Any]:
    """Read results with their images.

    Raises:
        UserError: If the file is none that :func:`write_results` wrote, or has no images.
    """
    results = _read(path)
    if not results.get('images'):
        raise UserError(f'{path}: expected results with their images, as tools/test.py writes them')
    return results


def read_numbers(path: str | Path) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Read the means of results by name, and the ends of their intervals where they have any.

    Raises:
        UserError: If the file holds none.
    """
    results = _read(path)
    numbers = {key: value for key, value in results.items() if isinstance(value, (int, float))}
    if not numbers:
        raise UserError(f'{path}: expected metrics by name, as tools/test.py writes them')
    return numbers, results.get('intervals', {})


def _read(path: str | Path) -> dict[str, Any]:
    """What a JSON or YAML file says by name; nothing where it says no such thing."""
    content = Path(path).read_bytes()
    try:
        text = content.decode()
        is_yaml = Path(path).suffix in ('.yaml', '.yml')
        found = yaml.safe_load(text) if is_yaml else json.loads(text)
    except (ValueError, yaml.YAMLError) as error:
        raise UserError(f'{path}: expected JSON or YAML: {error}') from error
    return found if isinstance(found, dict) else {}


def compare_results(first: Mapping, second: Mapping) -> dict[str, Difference]:
    """Compare two models on the images that both were tested on.

    Images are the same where their paths are, below the folder that holds all of a test.

    Args:
        first: Results of the first model.
        second: Those of the second.

    Returns:
        For each number that both have, in the order of the first.

    Raises:
        UserError: If they have no image in common.
    """
    ours, theirs = by_name(first['images']), by_name(second['images'])
    both = [name for name in ours if name in theirs]
    if not both:
        raise UserError('the two results have no image in common')
    names = dict.fromkeys(key for row in ours.values() for key in row if key != 'image')
    numbers = [key for key in names if any(key in row for row in theirs.values())]
    return {
        key: compare_paired(
            [ours[image].get(key, math.nan) for image in both],
            [theirs[image].get(key, math.nan) for image in both],
            key in first.get('higher_is_better', ()),
        )
        for key in numbers
    }


def by_name(images: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Images by their paths below the folder that holds all of them."""
    images = list(images)
    folder = common_folder(row['image'] for row in images)
    return {os.path.relpath(row['image'], folder): row for row in images}


def common_folder(paths: Iterable[str]) -> str:
    """The folder that holds all of these files."""
    return os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
