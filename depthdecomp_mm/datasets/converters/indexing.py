"""Verifying sets that stay as they were downloaded, and listing their pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from depthdecomp_mm.structures import is_relative

from .inspection import Outcome, check_scale, inspect_pair, summarise
from .lists import keep_longer_lists, list_text, path_in_list
from .record import Record
from .running import parallel_map


@dataclass
class Part:
    """A part of a data set, for training or testing.

    Args:
        name: Such as ``'train'``.
        samples: ``img_path``, ``depth_map_path`` and the other keys of a sample, each.
        problems: Why further samples of this part are missing.
    """

    name: str
    samples: list[dict]
    problems: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def good(self) -> list[dict]:
        """The samples that could be read."""
        return [s for s, outcome in zip(self.samples, self.outcomes, strict=False) if outcome.stats]


def match_files(folders: dict[str, Path], files: dict[str, dict[str, str]]) -> tuple:
    """Find which samples are complete.

    Args:
        folders: Folder of each kind of file, such as images and depth maps.
        files: Paths relative to these folders by their samples' keys, of each kind.

    Returns:
        The complete samples, a dict of paths by kind each, sorted by key; and a line for every
        sample that lacks a file, naming one that it has.
    """
    complete, problems = [], []
    for key in sorted(set().union(*files.values())):
        has = {kind: folders[kind] / found[key] for kind, found in files.items() if key in found}
        lacking = [kind for kind in files if kind not in has]
        if lacking:
            problems.append(f'{next(iter(has.values()))}: has no partner in {", ".join(lacking)}')
        else:
            complete.append(has)
    return complete, problems


def index(parts: Sequence[Part], record: Record, prefix: str, workers: int, trial: bool) -> None:
    """Read every sample as training does, keep the outcomes and list the good ones.

    Args:
        parts: The parts of the set.
        record: Of the folder for the lists, ``<prefix><part>.txt`` each.
        prefix: What the lists' names begin with.
        workers: Number of processes.
        trial: Whether this is a part of the set only (``--limit``).

    Raises:
        SampleError: If the depth of a metric part is implausible in metres, or a list cannot be
            written.
    """
    record.check_texts(
        sample_lists({part.name: part.samples for part in parts}, record.out, prefix)
    )
    for part in parts:
        part.outcomes = parallel_map(inspect_pair, part.samples, workers, part.name)
        if part.good and not is_relative(part.good[0]):
            example = part.good[0]
            check_scale(part.outcomes, example['depth_scale'], example['depth_map_path'])
        part.outcomes += [Outcome(problem=problem) for problem in part.problems]
    lists = sample_lists({part.name: part.good for part in parts}, record.out, prefix)
    if trial:
        keep_longer_lists(record.out, lists)
    record.write_texts(lists)


def sample_lists(
    samples: Mapping[str, Sequence[dict]], out: Path, prefix: str = ''
) -> dict[str, str]:
    """Texts of the lists ``<prefix><part>.txt`` below ``out``, by these names.

    Args:
        samples: Those of each part; a line ends with the focal length where it is known.
        out: Folder of the lists.
        prefix: What their names begin with.
    """
    keys = ('img_path', 'depth_map_path', 'valid_mask_path')
    return {
        f'{prefix}{part}.txt': list_text(
            [path_in_list(sample[key], out) for key in keys if sample.get(key)]
            + [sample['focal']] * (sample.get('focal') is not None)
            for sample in members
        )
        for part, members in samples.items()
    }


def report(parts: Sequence[Part], unit: str = 'm', published: dict[str, int] | None = None) -> int:
    """Print the summary.

    Args:
        parts: After :func:`index`.
        unit: Of the depth; empty for disparities.
        published: Number of pairs of each part in the whole set; fewer count as missing.

    Returns:
        Exit status: 0 if no pair is missing.
    """
    missing = False
    for part in parts:
        print(summarise(part.name, part.outcomes, unit))
        expected = (published or {}).get(part.name, 0)
        if len(part.good) < expected:
            print(
                f'  the whole set has {expected} pairs in this part '
                '(--partial if yours is meant to have fewer)'
            )
        missing |= len(part.good) < max(expected, len(part.outcomes), 1)
    return int(missing)
