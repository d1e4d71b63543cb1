"""Panels during validation and testing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import mmcv
import numpy as np
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from depthdecomp_mm.datasets import storage
from depthdecomp_mm.files import keep_inputs
from depthdecomp_mm.registry import HOOKS
from depthdecomp_mm.structures import DepthDataSample
from depthdecomp_mm.visualization import DepthVisualizer


@HOOKS.register_module()
class DepthVisualizationHook(Hook):
    """Draw panels of image, ground truth, prediction and error during validation and testing.

    They go to the backends of the runner's :class:`DepthVisualizer`, named ``val_<image>`` or
    ``test_<image>``, where ``<image>`` is the name that :func:`panel_names` gives the image. Images
    are counted over batches, and the same ones are drawn in each validation.

    Args:
        draw: Whether to draw at all.
        interval: Draw every so many images of each process, the first one included.
        max_images: Draw no more than this in one validation or test.
        show: Whether to open a window for each.
        wait_time: Seconds the window stays; 0 is until a key.
        test_out_dir: Folder in which tests write ``<image>.png``, also without any backend.
        backend_args: How to read the images, see :func:`mmengine.fileio.get`; as their data set
            does by default.

    Raises:
        ValueError: When ``interval`` is below 1, or ``max_images`` below 0.
        TypeError: When validation or test starts with a visualizer of another type.
    """

    def __init__(
        self,
        draw: bool = True,
        interval: int = 50,
        max_images: int | None = None,
        show: bool = False,
        wait_time: float = 0,
        test_out_dir: str | None = None,
        backend_args: dict | None = None,
    ) -> None:
        if interval < 1 or (max_images is not None and max_images < 0):
            raise ValueError(
                f'expected interval >= 1 and max_images >= 0, but got {interval} and {max_images}'
            )
        self.draw = draw
        self.interval = interval
        self.max_images = max_images
        self.show = show
        self.wait_time = wait_time
        self.test_out_dir = test_out_dir
        self.backend_args = backend_args
        self._seen = 0
        self._names: dict[str, str] = {}

    def before_val_epoch(self, runner: Runner) -> None:
        """Count images from the first again."""
        self._start(runner, runner.val_loop)

    def before_test_epoch(self, runner: Runner) -> None:
        """Count images from the first again."""
        self._start(runner, runner.test_loop)
        files = map(self._file, self._names.values())
        keep_inputs(files if self.test_out_dir else (), self._names)

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[DepthDataSample] | None = None,
    ) -> None:
        """Draw the images of the batch whose turn it is; the step is the training iteration."""
        # Backends are those of the first process.
        if self.draw and is_main_process():
            self._add(runner, 'val', outputs or ())

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[DepthDataSample] | None = None,
    ) -> None:
        """Draw the images of the batch whose turn it is, to files where a folder is set."""
        if self.draw and (is_main_process() or self.test_out_dir):
            self._add(runner, 'test', outputs or (), self.test_out_dir)

    def _start(self, runner: Runner, loop: BaseLoop) -> None:
        self._seen = 0
        self._names = panel_names(image_paths(loop.dataloader.dataset)) if self.draw else {}
        if self.draw and not isinstance(runner.visualizer, DepthVisualizer):
            raise TypeError(
                'DepthVisualizationHook needs visualizer=dict(type='
                "'depthdecomp_mm.DepthVisualizer', ...) in the config, but found "
                f'{type(runner.visualizer).__name__}'
            )

    def _add(
        self,
        runner: Runner,
        mode: str,
        samples: Sequence[DepthDataSample],
        out_dir: str | None = None,
    ) -> None:
        for sample in samples:
            turn, rest = divmod(self._seen, self.interval)
            self._seen += 1
            if rest or (self.max_images is not None and turn >= self.max_images):
                continue
            backend_args = sample.get('backend_args')
            name = self._name(storage.place_of(sample.img_path, backend_args))
            runner.visualizer.add_datasample(
                f'{mode}_{name}',
                read_image(sample.img_path, self.backend_args or backend_args),
                sample,
                show=self.show,
                wait_time=self.wait_time,
                out_file=None if out_dir is None else self._file(name),
                step=runner.iter,
            )

    def _name(self, img_path: str) -> str:
        if img_path not in self._names:  # of a data set that does not tell its images
            name = panel_names([img_path])[img_path]
            taken = name in self._names.values()
            self._names[img_path] = f'{len(self._names)}_{name}' if taken else name
        return self._names[img_path]

    def _file(self, name: str) -> str:
        return str(Path(self.test_out_dir, f'{name}.png'))


def read_image(img_path: str, backend_args: dict | None) -> np.ndarray:
    """The image of a sample, (H, W, 3) uint8 RGB."""
    data = storage.read(img_path, backend_args)
    return mmcv.imfrombytes(data, flag='color', channel_order='rgb')


def panel_names(img_paths: Iterable[str]) -> dict[str, str]:
    """Name the panel of each image after the last parts of its path, without suffix.

    There are three parts, or more where several images have the same. Where even whole paths do
    not tell them apart, as ``a.jpg`` and ``a.png``, all names begin with a number.
    """
    paths = list(dict.fromkeys(img_paths))
    parts = [_parts(path) for path in paths]
    names: list[str] = []
    for count in range(3, max([3, *map(len, parts)]) + 1):
        names = ['_'.join(found[-count:]) for found in parts]
        if len(set(names)) == len(names):
            return dict(zip(paths, names, strict=True))
    return {path: f'{i}_{name}' for i, (path, name) in enumerate(zip(paths, names, strict=True))}


def _parts(path: str) -> list[str]:
    stem = Path(path).with_suffix('')
    return [part for part in stem.parts if part not in (stem.anchor, '..')]


def image_paths(dataset: Any) -> list[str]:
    """Where the images of a data set of MMEngine's kind lie; none if it does not tell."""
    if not hasattr(dataset, 'get_data_info'):
        return []
    infos = map(dataset.get_data_info, range(len(dataset)))
    return [storage.place_of(info.get('img_path'), info.get('backend_args')) for info in infos]
