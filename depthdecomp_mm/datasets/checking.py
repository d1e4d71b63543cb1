"""Whether the data sets of a config are there, whole and plausible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass, field
from os.path import realpath

import numpy as np
from mmengine.config import Config
from mmengine.dataset import BaseDataset

from depthdecomp_mm.configs import metric_configs
from depthdecomp_mm.errors import ConfigError, SampleError
from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.structures import label_type_of

from .converters.inspection import PLAUSIBLE_MEDIAN, Outcome, check_scale
from .converters.running import parallel_map
from .pair_check import PairOutcome, check_pair
from .storage import place_of
from .walking import buildable_configs

FEW_PAIRS = 0.05
"""Below this share of pairs of neighbours a set has scattered points rather than maps."""
PARTS = ('train', 'val', 'test')


@dataclass
class CheckedSet:
    """One data set of a config, its pairs and what is wrong with them.

    Attributes:
        parts: Which of training, validation and test use it.
        type: Class of the data set.
        infos: ``img_path``, ``depth_map_path`` and the other keys of every sample.
        outcomes: In the order of ``infos``.
        errors: What makes training or evaluation fail or its numbers wrong.
        warnings: What may be meant as it is.
    """

    parts: list[str]
    type: str
    infos: list[dict] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def label_type(self) -> str:
        """That of the samples."""
        return label_type_of(self.infos[0] if self.infos else {})

    @property
    def good(self) -> list[PairOutcome]:
        """Outcomes of the pairs that could be read."""
        return [outcome for outcome in self.outcomes if not outcome.problem]


def datasets_of(cfg: Config, part: str) -> list[dict]:
    """Configs of the data sets of ``'train'``, ``'val'`` or ``'test'``.

    Raises:
        ConfigError: If the part's loader is none that has a data set.
    """
    loader = cfg.get(f'{part}_dataloader')
    if not loader:
        return []
    if not isinstance(loader, dict) or not isinstance(loader.get('dataset'), dict):
        raise ConfigError(f'{part}_dataloader.dataset: expected the config of a data set')
    return buildable_configs(loader['dataset'])


def check_datasets(
    cfg: Config, workers: int = 1, allow_duplicates: bool = False
) -> list[CheckedSet]:
    """Read every pair that a config trains, validates and tests on.

    Args:
        cfg: With ``train_dataloader``, ``val_dataloader`` and ``test_dataloader``, each optional;
            a data set that several of them use is read once.
        workers: Number of processes.
        allow_duplicates: Whether an image that is trained and tested on is a warning only.

    Raises:
        ConfigError: If there is no data set.
    """
    configs: list[tuple[dict, CheckedSet]] = []
    for part in PARTS:
        for config in datasets_of(cfg, part):
            config = {k: v for k, v in config.items() if k not in ('pipeline', 'test_mode')}
            known = next((found for other, found in configs if other == config), None)
            if known is None:
                configs.append((config, CheckedSet([part], config['type'])))
            elif part not in known.parts:
                known.parts.append(part)
    if not configs:
        keys = ', '.join(f'{part}_dataloader' for part in PARTS)
        raise ConfigError(f'the config has no data to check: expected one of {keys}')
    for config, checked in configs:
        _read(config, checked, workers)
    sets = [checked for _, checked in configs]
    for checked, message in _find_duplicates(sets):
        (checked.warnings if allow_duplicates else checked.errors).append(message)
    _compare_ranges(cfg, sets)
    return sets


def learning(checked: CheckedSet) -> str:
    """Which branches of a network learn from a set, and from what of it.

    Args:
        checked: After :func:`check_datasets`, with at least one good pair.
    """
    if checked.label_type == 'none':
        return 'nothing but a teacher can tell what to learn from it'
    if checked.label_type == 'relative':
        return 'G and N learn from the disparities'
    sparse, count = checked.infos[0].get('sparse', False), len(checked.good)
    fitted = sum(outcome.fitted for outcome in checked.good)
    if not fitted:
        if sparse:
            return 'M learns from the measured points; G, N and the mean do not learn'
        return 'all branches learn from the measured pixels'
    rest = 'do not learn from the others' if sparse else 'from the measured pixels of the others'
    return (
        f'M learns from the measured pixels; G, N and the mean from the relative maps of {fitted} '
        f'of {count} pairs' + (f', {rest}' if fitted < count else '')
    )


def _read(config: dict, checked: CheckedSet, workers: int) -> None:
    try:
        dataset: BaseDataset = DATASETS.build(dict(config, pipeline=[]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        checked.errors.append(f'cannot be built: {error}')
        return
    checked.infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    label = ' and '.join(checked.parts)
    checked.outcomes = parallel_map(check_pair, checked.infos, workers, label)
    checked.errors += [outcome.problem for outcome in checked.outcomes if outcome.problem]
    if checked.good and checked.label_type == 'metric':
        _check_depth(checked)


def _check_depth(checked: CheckedSet) -> None:
    """Look for an implausible scale, of the set and of single pairs."""
    pairs = [(i, o) for i, o in zip(checked.infos, checked.outcomes, strict=True) if o.stats]
    example = pairs[0][0]
    limit = example.get('max_depth')
    try:
        check_scale(checked.outcomes, example['depth_scale'], example['depth_map_path'], limit)
    except SampleError as error:
        checked.errors.append(str(error))
        return
    low, high = PLAUSIBLE_MEDIAN[0], min(PLAUSIBLE_MEDIAN[1], limit or np.inf)
    odd = [(i, o) for i, o in pairs if not low <= o.stats.median <= high]
    if odd:
        info, outcome = odd[0]
        checked.warnings.append(
            f'{info["depth_map_path"]}{_others(odd)}: median depth {outcome.stats.median:.4g} m, '
            f'expected {low:g} to {high:g} m as the rest of the set'
        )
    misfits = [outcome for _, outcome in pairs if outcome.fit_problem]
    if misfits:
        checked.warnings.append(
            f'{misfits[0].fit_problem}{_others(misfits)}: the relative map is left out'
        )
    share = np.mean([outcome.pair_share for _, outcome in pairs])
    if share < FEW_PAIRS and not example.get('sparse') and not pairs[0][1].fitted:
        checked.warnings.append(
            f'{100 * share:.1f} % of the pairs of neighbours are measured: expected sparse=True, '
            'or relative maps beside the depth'
        )
    unused = [info for info, outcome in pairs if outcome.used_share == 0]
    if unused:
        checked.warnings.append(
            f'{unused[0]["depth_map_path"]}{_others(unused)}: no pixel from min_depth '
            f'{example.get("min_depth")} to max_depth {limit} m'
        )


def _others(found: Sized) -> str:
    return f' and {len(found) - 1} others' if len(found) > 1 else ''


def _find_duplicates(sets: Sequence[CheckedSet]) -> Iterator[tuple[CheckedSet, str]]:
    """Find images of the training sets among those of the others."""
    training = {}
    for checked in sets:
        if 'train' in checked.parts:
            training.update(_identities(checked))
    for checked in sets:
        if checked.parts == ['train']:
            continue
        twins = {path: training[key] for key, path in _identities(checked) if key in training}
        if twins:
            path, twin = next(iter(twins.items()))
            same = f'has the content of {twin}, used'
            if realpath(path) == realpath(twin):
                same = 'is used'
            message = f'{path}{_others(twins)}: {same} for training, too'
            yield checked, f'{message}; expected images that were not trained on'


def _identities(checked: CheckedSet) -> Iterator[tuple[bytes | str, str]]:
    """Content and place of every image, each with its path; of unreadable ones the place alone."""
    for info, outcome in zip(checked.infos, checked.outcomes, strict=True):
        path = place_of(info['img_path'], info.get('backend_args'))
        yield realpath(path), path
        if not outcome.problem:
            yield outcome.digest, path


def _compare_ranges(cfg: Config, sets: Sequence[CheckedSet]) -> None:
    """Warn where data, network and evaluation end at different depths."""
    limits = {'model': cfg.get('model', {}).get('max_depth')}
    for metric in metric_configs(cfg.get('test_evaluator')):
        limits[f'test_evaluator {metric["type"]}'] = metric.get('max_depth')
    for checked in sets:
        metric = checked.infos and checked.label_type == 'metric'
        own = checked.infos[0].get('max_depth') if metric else None
        other = {name: limit for name, limit in limits.items() if limit not in (None, own)}
        if own is not None and other:
            checked.warnings.append(f'max_depth is {own} m, but {other}')
