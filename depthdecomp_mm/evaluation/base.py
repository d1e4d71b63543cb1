"""What the depth metrics share: a few numbers for each image, and their mean over images."""

from __future__ import annotations

import logging
import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmengine.registry import METRICS, DefaultScope

from depthdecomp_mm.errors import ConfigError

from .background import Background, on_host, threads_of_this_process
from .protocol import Protocol, ValidPixels

DATA_SETS = 'data set'
"""The crop that the data set's meta information states."""
DEFAULTS = dict(min_depth=1e-3, max_depth=10.0, eval_crop=None)


class DepthMapMetric(BaseMetric):
    """Base of metrics that are computed for each image and averaged over images.

    Images in which too few pixels count, or whose values define no number, are left out of the
    mean, and counted in a warning. Where none is left, the numbers are NaN: no key that
    ``save_best`` may name is ever absent.

    The data set's meta information (``min_depth``, ``max_depth``, ``eval_crop``) says which pixels
    count, unless the metric's own arguments do.

    Images are measured in threads while the network predicts the next ones; a fault of an image is
    raised with one of the next, or at the end.

    Args:
        min_depth: Lower end of the range of ground truth, metres, excluded. By default the data
            set's, or 1e-3 where it states none.
        max_depth: Upper end of the range, metres, excluded. By default the data set's, or 10.
        crop: A :data:`~depthdecomp_mm.structures.crop.Crop`, or None for the whole
            frame. By default the data set's ``eval_crop``, or the whole frame.
        prefix: Put before the names of the numbers. Where the default scope is of a
            toolbox that has a metric of the same class name, such as mmsegmentation's
            ``DepthMetric``, ``'depthdecomp_mm'`` by default, so that both can evaluate together.
        threads: Number of threads; by default as many as this process has cores, at most 8.
        **kwargs: Those of :class:`mmengine.evaluator.BaseMetric`.

    Raises:
        ValueError: When the range, the crop or the number of threads makes no sense.
    """

    default_prefix = ''  # None would have MMEngine warn that there is none
    names: tuple[str, ...] = ()
    """The numbers of each image."""
    min_pixels = 1
    pred_key = 'pred_depth_map'
    undefined = 'constant ground truth or prediction'
    """Why an image has no number, where what it measures is NaN."""

    def __init__(
        self,
        min_depth: float | None = None,
        max_depth: float | None = None,
        crop: str | Sequence[int] | None = DATA_SETS,
        prefix: str | None = None,
        threads: int | None = None,
        **kwargs,
    ) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f'threads must be at least 1, but got {threads}')
        self._background = Background(threads or threads_of_this_process())
        if prefix is None and _host_has(type(self).__name__):
            prefix = 'depthdecomp_mm'
        super().__init__(prefix=prefix, **kwargs)
        limits = dict(min_depth=min_depth, max_depth=max_depth)
        self._stated = {key: value for key, value in limits.items() if value is not None}
        if crop != DATA_SETS:
            self._stated['eval_crop'] = crop
        _ = self.protocol  # refuses a senseless one before anything is evaluated

    @property
    def dataset_meta(self) -> dict | None:
        """The data set's meta information; refused if it makes no sense beside the arguments."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, meta: dict | None) -> None:
        self._dataset_meta = meta
        _ = self.protocol

    @property
    def protocol(self) -> Protocol:
        """Which pixels count: what the arguments state, the rest as the data set says.

        Raises:
            ConfigError: When that of concatenated data sets differs.
        """
        meta = self.dataset_meta or {}
        if differing := set(meta.get('differing_keys', ())) - set(self._stated):
            raise ConfigError(
                f'{type(self).__name__}: {min(differing)} differs between the concatenated data '
                'sets: evaluate them one by one, or state it for the metric'
            )
        found = {key: meta[key] for key in DEFAULTS if meta.get(key) is not None}
        found = DEFAULTS | found | self._stated
        return Protocol(found['min_depth'], found['max_depth'], found['eval_crop'])

    @abstractmethod
    def measure(self, pixels: ValidPixels) -> dict[str, float]:
        """Compute the numbers of one image, in a thread; NaN where its values define none."""

    def describe(self) -> str:
        """Say in words what the numbers depend on."""
        return str(self.protocol)

    @property
    def results(self) -> list:
        """What is kept of each image so far: its numbers, or (reason, name) when left out.

        Raises:
            SampleError: When a sample lacks a field or its fields do not fit together.
        """
        self._results += self._background.take()
        return self._results

    @results.setter
    def results(self, results: list) -> None:
        self._results = results

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Let each image be measured, and one result appended for it."""
        for sample in data_samples:
            self._background.call(self._result, on_host(sample))

    def _result(self, sample: dict) -> dict[str, float] | tuple[str, str]:
        pixels = self.protocol.select(sample, self.pred_key)
        if pixels.gt.size < self.min_pixels:
            return 'too few valid pixels', pixels.name
        values = self.measure(pixels)
        if any(math.isnan(value) for value in values.values()):
            return self.undefined, pixels.name
        return values

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Average over images, by a sum that does not depend on their order.

        Args:
            results: What :meth:`process` kept of each image.

        Returns:
            Mean of each number; NaN when no image counts.
        """
        label = type(self).__name__
        values = [result for result in results if isinstance(result, dict)]
        left_out = [result for result in results if not isinstance(result, dict)]
        for reason, count in sorted(Counter(reason for reason, _ in left_out).items()):
            example = min(name for why, name in left_out if why == reason)
            _warn(
                f'{label}: {count} of {len(results)} images left out of the mean: {reason} '
                f'(such as {example})'
            )
        if not values:
            _warn(f'{label}: no image could be evaluated')
            return dict.fromkeys(self.names, math.nan)
        print_log(f'{label}: mean over {len(values)} image(s), {self.describe()}', logger='current')
        return {name: self._mean(name, values) for name in self.names}

    def weight(self, values: Mapping[str, float]) -> float:
        """How much an image counts, by its numbers."""
        return 1.0

    def power(self, name: str) -> int:
        """Of a number, the power of which the mean is taken before the root."""
        return 1

    def _mean(self, name: str, values: Sequence[Mapping[str, float]]) -> float:
        power, weights = self.power(name), [self.weight(value) for value in values]
        sums = (w * value[name] ** power for w, value in zip(weights, values, strict=True))
        return (math.fsum(sums) / math.fsum(weights)) ** (1 / power)


def _host_has(name: str) -> bool:
    """Whether the toolbox that the default scope is of has a metric of this name."""
    scope = DefaultScope.get_current_instance()
    if scope is None or scope.scope_name == 'depthdecomp_mm':
        return False
    return METRICS.get(f'{scope.scope_name}.{name}') is not None


def _warn(message: str) -> None:
    print_log(message, logger='current', level=logging.WARNING)


def check_names(metrics: Iterable[BaseMetric]) -> None:
    """Refuse metrics of ours that give a number of the same name, before anything is evaluated.

    Args:
        metrics: The metrics of one evaluator.

    Raises:
        ConfigError: If two have a name and the prefix in common.
    """
    ours = [metric for metric in metrics if isinstance(metric, DepthMapMetric)]
    counts = Counter('/'.join(filter(None, (m.prefix, name))) for m in ours for name in m.names)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise ConfigError(f'two metrics give {twice[0]}: set another prefix for one of them')
