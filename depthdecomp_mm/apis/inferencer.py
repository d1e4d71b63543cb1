"""Prediction of depth from images, with MMEngine's inferencer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from mmcv.transforms import Compose
from mmcv.transforms import LoadImageFromFile as _LoadImageFromFile
from mmengine.config import Config, ConfigDict
from mmengine.device import get_device
from mmengine.infer import BaseInferencer
from mmengine.registry import init_default_scope
from torch import nn

from depthdecomp_mm.datasets.transforms import LoadDepthAnnotation
from depthdecomp_mm.devices import check_device
from depthdecomp_mm.errors import SampleError, UserError, faults_of
from depthdecomp_mm.models.encoders.package_weights import SHIPPED
from depthdecomp_mm.registry import INFERENCERS, TRANSFORMS, VISUALIZERS
from depthdecomp_mm.structures import DepthDataSample

from .exif import exif_focal
from .exported import exported_file, load_exported
from .init_model import init_model
from .inputs import Image, Input, each_image, list_inputs, to_array
from .intrinsics import Intrinsics
from .result import as_result, check_finite

OnError = Callable[[Image, SampleError], None]
Camera = Callable[[tuple[int, int]], Intrinsics]


@INFERENCERS.register_module()
class DepthInferencer(BaseInferencer):
    """Predict depth with the preprocessing and decoding of evaluation.

    Images pass through the test pipeline of the config, without its annotations; depth comes back
    at each image's own size. Calling it, with the arguments of MMEngine's
    :class:`~mmengine.infer.BaseInferencer`, returns ``dict(predictions=..., visualization=...)``:
    a list of the dicts of :func:`~depthdecomp_mm.apis.as_result`, or of :class:`DepthDataSample`
    with ``return_datasamples=True``, and a list of panels (H, W, 3) uint8 RGB with
    ``return_vis=True``. :meth:`iterate` does not hold everything in memory.

    Inputs are those of :func:`~depthdecomp_mm.apis.each_image`. Images that the pipeline brings to
    the same size share batches. Several threads may use one inferencer, and several inferencers one
    model.

    Args:
        model: Config as in :func:`init_model`, or what :func:`init_model` returned. By default the
            config that ``weights`` carries. A file that ``depthdecomp export`` wrote stands for all
            of it: ``'model.onnx'``, ``'model.xml'`` or ``'model.pt2'``.
        weights: Checkpoint file, an address as of :func:`init_model`, or such an exported file.
            With neither model nor weights, those of the small network that comes with the package.
        device: Device; by default a GPU if there is one. Exported files run on the CPU.
        phase: Phase of the config, as in :func:`init_model`.
        flip_test: Average with the prediction of the mirrored image; by default as the config says.
        amp: Mixed precision: float16 on a GPU, bfloat16 on a CPU.
        outputs: What to predict beside depth, of ``'normalized'``, ``'gradients'``, ``'mean'``; by
            default as the config says.
        cfg_options: Settings that override the config's.
        camera: From the size (width, height) of an image to its camera, which a model with a
            ``canonical_focal`` needs; by default that of an exported file, or what the EXIF tags of
            image files say.
        show_progress: Whether calling shows a progress bar.
        trust_code: Whether code within an exported file may run; see
            :func:`~depthdecomp_mm.apis.exported.load_exported`.

    Raises:
        ValueError: If the model has none of an output asked for, or the device cannot be used.

    Examples:
        >>> inferencer = DepthInferencer('depthdecomp/released/nyu_hrwsi.py', 'weights.pth')
        >>> depth = inferencer('room.jpg')['predictions'][0]['depth']  # (H, W) metres
    """

    visualize_kwargs = {'return_vis'}

    def __init__(
        self,
        model: str | Path | Config | nn.Module | None = None,
        weights: str | Path | None = None,
        device: str | None = None,
        phase: str | None = None,
        flip_test: bool | None = None,
        amp: bool = False,
        outputs: Sequence[str] | None = None,
        cfg_options: dict | None = None,
        camera: Camera | None = None,
        show_progress: bool = True,
        trust_code: bool = False,
    ) -> None:
        exported = exported_file(model, weights)
        if exported:
            given = dict(phase=phase, cfg_options=cfg_options, amp=amp or None)
            if unused := [name for name, value in given.items() if value is not None]:
                raise UserError(f'{exported}: {unused} cannot change an exported file')
            if torch.device(device or 'cpu').type != 'cpu':
                raise UserError(f'{exported}: an exported file runs on the CPU, not on {device}')
            model = load_exported(exported, trust_code)
        elif not isinstance(model, nn.Module):
            device = check_device(device or get_device())
            if model is None and weights is None:
                weights = SHIPPED
            model = init_model(model, weights, device, phase, cfg_options)
        else:
            given = dict(weights=weights, phase=phase, cfg_options=cfg_options)
            if unused := [name for name, value in given.items() if value is not None]:
                raise UserError(f'{unused} cannot change a model that is built already')
            model = model if device is None else model.to(check_device(device))
        init_default_scope('depthdecomp_mm')
        self._ready_model = model
        super().__init__(model.cfg, scope='depthdecomp_mm', show_progress=show_progress)
        self.device = next(chain(model.parameters(), model.buffers())).device
        self.amp = amp
        self.camera = camera or getattr(model, 'camera', None)
        self.flip_test = model.test_cfg['flip_test'] if flip_test is None else flip_test
        self.outputs = tuple(model.test_cfg['outputs'] if outputs is None else outputs)
        absent = [name for name in self.outputs if name not in model.outputs]
        if absent:
            raise UserError(f'the model predicts {model.outputs}, but not {absent}')

    @property
    def predicts(self) -> tuple[str, ...]:
        """What is predicted, by the keys of :func:`~depthdecomp_mm.apis.as_result`."""
        main = 'depth' if 'metric' in self.model.outputs else 'normalized'
        return tuple(dict.fromkeys((main, *self.outputs)))

    def _init_model(self, cfg: Config, weights: str | None, device: str) -> nn.Module:
        return self._ready_model

    def _init_pipeline(self, cfg: ConfigDict) -> Callable:
        with faults_of('test_dataloader.dataset.pipeline'):
            transforms = [TRANSFORMS.build(t) for t in cfg.test_dataloader.dataset.pipeline]
        if not (transforms and isinstance(transforms[0], _LoadImageFromFile)):
            raise UserError(
                'the test pipeline is expected to begin with LoadImageFromFile, but found '
                f'{transforms[:1]}'
            )
        self._load_file = transforms[0]
        rest = Compose([t for t in transforms[1:] if not isinstance(t, LoadDepthAnnotation)])

        def prepare(item: Image) -> dict:
            loaded = self._load(item)
            loaded['focal'] = self._focal(item, loaded['ori_shape'])
            with faults_of('test_dataloader.dataset.pipeline'):
                return rest(loaded)

        return prepare

    def _init_visualizer(self, cfg: ConfigDict):
        config = dict(cfg.get('visualizer') or dict(type='DepthVisualizer'))
        with faults_of('visualizer'):
            return VISUALIZERS.build(dict(config, vis_backends=None, name=f'inferencer_{id(self)}'))

    def _load(self, item: Image) -> dict:
        if isinstance(item, str):
            return self._load_file(dict(img_path=item))
        image = to_array(item)
        return dict(img=image, img_shape=image.shape[:2], ori_shape=image.shape[:2])

    def _focal(self, item: Image, shape: tuple[int, int]) -> float | None:
        """The focal length of an image (H, W) in pixels, where the model asks for it."""
        if self.model.canonical_focal is None:
            return None
        if self.camera:
            return self.camera(shape[::-1]).fx
        focal = exif_focal(item) if isinstance(item, str) else None
        if focal is None:
            raise SampleError(
                f'{item if isinstance(item, str) else "an image in memory"}: the network needs to '
                'know the camera, as it has a canonical_focal, and no EXIF tag tells the focal '
                'length: give it (--fx, --fov or --camera; in Python camera=)'
            )
        return focal

    def read(self, item: Image) -> np.ndarray:
        """Read an image as the model gets to see it, before resizing: (H, W, 3) uint8 BGR."""
        return self._load(item)['img']

    def _inputs_to_list(self, inputs: Input | Iterable[Input]) -> Sequence[Image]:
        return list_inputs(inputs)

    def _get_chunk_data(self, inputs: Iterable[dict], chunk_size: int) -> Iterator[list[dict]]:
        """Make batches of images of one size, as padding would change the prediction."""
        if not isinstance(chunk_size, int) or chunk_size < 1:
            raise UserError(f'batch_size must be an integer of at least 1, but found {chunk_size}')
        chunk: list[dict] = []
        for item in inputs:
            same = not chunk or item['inputs'].shape == chunk[0]['inputs'].shape
            if len(chunk) == chunk_size or not same:
                yield chunk
                chunk = []
            chunk.append(item)
        if chunk:
            yield chunk

    @torch.no_grad()
    def forward(self, inputs: dict, **kwargs) -> list[DepthDataSample]:
        """Predict a batch; samples are in the host's memory, as many of them may be kept."""
        data = self.model.data_preprocessor(inputs, False)
        with torch.autocast(self.device.type, enabled=self.amp):
            # settings are handed over, since the model may serve others at the same time
            samples = self.model.predict(**data, flip_test=self.flip_test, outputs=self.outputs)
        return [sample.cpu() for sample in samples]

    def iterate(
        self,
        inputs: Input | Iterable[Input],
        batch_size: int = 1,
        on_error: OnError | None = None,
    ) -> Iterator[tuple[Image, DepthDataSample]]:
        """Predict one image after another.

        Args:
            inputs: As for calling; a generator is asked for images as they are needed.
            batch_size: Number of images that pass through the model together.
            on_error: Called with an image that cannot be read or predicted and the error, to go on
                with the others; by default the error is raised.

        Yields:
            The path of an image, or the image in memory as it was given, and its prediction.
        """
        yield from self.iterate_images(each_image(inputs), batch_size, on_error)

    def iterate_images(
        self, images: Iterable[Image], batch_size: int = 1, on_error: OnError | None = None
    ) -> Iterator[tuple[Image, DepthDataSample]]:
        """Predict images one after another, as :meth:`iterate` does.

        Args:
            images: Paths of image files, and images in memory.
            batch_size: As of :meth:`iterate`.
            on_error: As of :meth:`iterate`.

        Yields:
            As :meth:`iterate` does.
        """
        waiting: deque = deque()

        @contextmanager
        def errors_of(image: Image) -> Iterator[None]:
            try:
                yield
            except SampleError as error:
                if on_error is None:
                    raise
                on_error(image, error)

        def prepare() -> Iterator[dict]:
            for image in images:
                with errors_of(image):
                    data = self.pipeline(image)
                    waiting.append(image)
                    yield data

        for chunk in self._get_chunk_data(prepare(), batch_size):
            for sample in self.forward(self.collate_fn(chunk)):
                image = waiting.popleft()
                with errors_of(image):
                    check_finite(sample)
                    yield image, sample

    def visualize(
        self, inputs: Sequence, preds: Sequence[DepthDataSample], return_vis: bool = False
    ) -> list[np.ndarray]:
        """Draw panels of image and prediction, (H, W, 3) uint8 RGB each, if asked for."""
        if not return_vis:
            return []
        pairs = zip(inputs, preds, strict=True)
        return [self.draw(self.read(item), sample) for item, sample in pairs]

    def draw(self, image: np.ndarray, sample: DepthDataSample) -> np.ndarray:
        """Draw a panel, (H, W, 3) uint8 RGB, of an image (H, W, 3) uint8 BGR and its prediction."""
        return self.visualizer.draw(image[..., ::-1], sample.cpu())

    def postprocess(
        self,
        preds: Sequence[DepthDataSample],
        visualization: list[np.ndarray],
        return_datasamples: bool = False,
    ) -> dict:
        """Turn samples into dicts of arrays, unless they are wanted as they are.

        Raises:
            SampleError: If a prediction holds NaN or infinity.
        """
        for sample in preds:
            check_finite(sample)
        predictions = list(preds) if return_datasamples else [as_result(pred) for pred in preds]
        return dict(predictions=predictions, visualization=visualization)
