"""Pictures and statistics of a test, gathered for its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mmengine.dist import collect_results
from mmengine.hooks import Hook
from mmengine.runner import Runner

from depthdecomp_mm.apis.intrinsics import ASSUMED_FOV, Intrinsics
from depthdecomp_mm.engine.acceleration import is_decomposer
from depthdecomp_mm.engine.hooks.visualization_hook import image_paths, panel_names, read_image
from depthdecomp_mm.engine.unwrapping import unwrapped
from depthdecomp_mm.evaluation import DepthMapMetric
from depthdecomp_mm.evaluation.background import Background, threads_of_this_process
from depthdecomp_mm.evaluation.protocol import Protocol
from depthdecomp_mm.files import write_bytes
from depthdecomp_mm.registry import HOOKS
from depthdecomp_mm.structures import DepthDataSample, is_relative, read_map
from depthdecomp_mm.visualization import DepthVisualizer

from .clouds import encode_cloud
from .frame_statistics import FrameStatistics, measure_frame
from .pictures import captions, encode_strip
from .script import as_script


@dataclass
class Frame:
    """What the report has of an image beside its numbers.

    Args:
        image: Its path.
        file: Its name among the pictures and clouds, without suffix.
        size: Width and height.
        tiles: Title, scale and note of each picture.
        statistics: None where there are none.
        camera: Words for the camera of its point cloud; empty where it has none.
    """

    image: str
    file: str
    size: tuple[int, int]
    tiles: list[list[str]]
    statistics: FrameStatistics | None
    camera: str


@HOOKS.register_module()
class ReportHook(Hook):
    """Write the pictures of a test as they come, and keep what its page needs.

    Work goes on in threads while the network predicts. Of a launch on several processes all write
    into the folder, and the first one has :attr:`frames`.

    Args:
        out_dir: Folder, with ``images`` and ``clouds`` in it.

    Attributes:
        frames: Of each image of the test, in the order of the data set.
        protocol: Which pixels count; None where no metric says so.
    """

    def __init__(self, out_dir: str) -> None:
        self.out_dir = Path(out_dir)
        self.frames: list[Frame] = []
        self.protocol: Protocol | None = None
        self._background = Background(threads_of_this_process())
        self._draw = DepthVisualizer(name='report')
        self._names: dict[str, str] = {}

    def before_test_epoch(self, runner: Runner) -> None:
        """Name the images, and have the network give all that it has."""
        self._names = panel_names(image_paths(runner.test_loop.dataloader.dataset))
        metrics = runner.test_loop.evaluator.metrics
        self.protocol = next((m.protocol for m in metrics if isinstance(m, DepthMapMetric)), None)
        model = unwrapped(runner.model)
        if is_decomposer(model):
            wanted = [name for name in model.outputs if name != 'metric']
            model.test_cfg = {**model.test_cfg, 'outputs': wanted}

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[DepthDataSample] | None = None,
    ) -> None:
        """Take the images of a batch."""
        for sample in outputs or ():
            self._background.call(self._take, sample.cpu())

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Bring together what the processes have."""
        size = len(runner.test_loop.dataloader.dataset)
        self.frames = collect_results(self._background.take(), size, 'cpu') or []

    def _take(self, sample: DepthDataSample) -> Frame:
        name = self._names[sample.img_path]
        image = read_image(sample.img_path, sample.get('backend_args'))
        tiles = self._draw.tiles(image, sample)
        write_bytes(self.out_dir / 'images' / f'{name}.webp', encode_strip(tiles))
        metric = 'pred_depth_map' in sample and not is_relative(sample)
        statistics = None
        if metric and self.protocol is not None:
            statistics = measure_frame(sample.to_dict(), self.protocol)
        camera = self._write_cloud(name, image, sample) if metric else ''
        size = image.shape[1], image.shape[0]
        return Frame(sample.img_path, name, size, captions(tiles), statistics, camera)

    def _write_cloud(self, name: str, image: np.ndarray, sample: DepthDataSample) -> str:
        maps = {
            title: read_map(sample, key, name)
            for title, key in (('prediction', 'pred_depth_map'), ('truth', 'gt_depth_map'))
            if key in sample
        }
        camera, words = camera_of(sample, maps['prediction'].shape)
        cloud = encode_cloud(image, maps, camera)
        path = self.out_dir / 'clouds' / f'{name}.js'
        write_bytes(path, as_script('cloud', name, cloud).encode())
        return words


def camera_of(sample: DepthDataSample, shape: tuple[int, int]) -> tuple[Intrinsics, str]:
    """The camera of a sample, and in words whether it is known."""
    size = shape[1], shape[0]
    if focal := sample.get('focal'):  # of the image as the network got it
        focal *= size[0] / sample.metainfo.get('img_shape', shape)[1]
        camera = Intrinsics.from_focal(size, float(focal))
        return camera, f'camera of {focal:.0f} pixels focal length'
    assumed = Intrinsics.from_fov(size, ASSUMED_FOV)
    return assumed, f'camera unknown, {ASSUMED_FOV:g} degrees assumed'
