"""Export to ONNX and TorchScript."""

from __future__ import annotations

import copy
import io
import logging
import math
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from timm.layers import Conv2dSame
from torch import Tensor, nn
from torch.export import Dim

from depthdecomp_mm.datasets.transforms.decoding import MAX_PIXELS
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.files import whole_file
from depthdecomp_mm.mmengine_internals import swaps_channels
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.models.encoders.timm_encoder import fix_same_padding
from depthdecomp_mm.models.layers import resize

from .intrinsics import Intrinsics
from .records import check_replaceable, record_of, write_record

FORMATS = ('onnx', 'torchscript')
TOLERANCE = 1e-3
Runner = Callable[[np.ndarray], np.ndarray]


class ExportError(UserError):
    """A model that cannot be exported, or whose export predicts something else."""


class ExportableModel(nn.Module):
    """From raw images to metres in one graph, normalisation, decoding and resizing included.

    Depth is calibrated if the model's is. The mirrored image is not averaged in.

    Args:
        model: A model with M-Net; copied.
        camera: That of the images, which may come resized, for a model with a ``canonical_focal``.

    Raises:
        ExportError: If the model has no M-Net, its images are not normalised, or it needs a camera.
    """

    def __init__(self, model: DepthDecomposer, camera: Intrinsics | None = None) -> None:
        super().__init__()
        self.scale_of_a_side = 0.0
        if model.canonical_focal:
            if camera is None:
                raise ExportError('export of a network with a canonical_focal needs the camera')
            side = math.sqrt(camera.width * camera.height)
            self.scale_of_a_side = camera.fx / side / model.canonical_focal
        if 'metric' not in model.outputs:
            raise ExportError(f'export needs a model that gives metres; this gives {model.outputs}')
        self.model = copy.deepcopy(model).cpu().eval().requires_grad_(False)
        self.model.compile(disable=True)  # what is compiled cannot be traced
        encoder = self.model.encoder
        self.divisor = encoder.size_divisor
        if not hasattr(self.model.data_preprocessor, 'mean'):
            raise ExportError('export needs a data_preprocessor with mean and std; there is none')
        if any(isinstance(module, Conv2dSame) for module in encoder.modules()):
            # for every multiple of the divisor 'same' padding is what it is for the divisor itself
            fix_same_padding(encoder, self.divisor)

    def forward(self, image: Tensor) -> Tensor:
        """Predict depth.

        Args:
            image: (B, 3, H, W) float32 RGB of 0 to 255; H and W multiples of ``divisor``.

        Returns:
            (B, 1, H, W) float32 metres.
        """
        preprocessor = self.model.data_preprocessor
        if not swaps_channels(preprocessor):  # trained on BGR
            image = image.flip(1)
        image = (image - preprocessor.mean) / preprocessor.std
        code = self.model.raw_outputs(image, ['metric'])['metric']
        return resize(self.model.decode(code, self.camera_scale(image)), image.shape[-2:])

    def camera_scale(self, image: Tensor) -> float | Tensor:
        """True metres for each canonical one; a larger image has a longer focal length."""
        if not self.scale_of_a_side:
            return 1.0
        # a sum and no product of sizes, which a trace would take for constant
        return torch.ones_like(image[0, 0]).sum().sqrt() * self.scale_of_a_side


def export(
    model: DepthDecomposer,
    path: str | Path,
    frame: np.ndarray,
    format: str = 'onnx',
    dynamic_size: bool = False,
    camera: Intrinsics | None = None,
) -> float:
    """Write a model as ONNX or TorchScript file, if that predicts what the model does.

    The file takes ``image`` and gives ``depth`` as :class:`ExportableModel` documents them, for any
    batch size. The exported model is run on the frame, as a batch of one and with its mirrored
    image as a batch of two, and with ``dynamic_size`` on the frame at another size as well.

    Args:
        model: The model.
        path: File to write, whole and checked or not at all. Beside it ``<path>.json`` says what it
            is; only with that a file that is there already is replaced.
        frame: (H, W, 3) uint8 BGR, a real image at the size to export for.
        format: ``'onnx'`` or ``'torchscript'``.
        dynamic_size: Whether the file takes other multiples of the model's divisor, too.
        camera: As of :class:`ExportableModel`; it becomes part of the file.

    Returns:
        The largest difference to the model, relative to the largest depth.

    Raises:
        ExportError: If the frame's size does not suit, a package is missing, or the difference is
            above 1e-3; nothing is written.
        OutputError: If the file is somebody else's.
    """
    if format not in FORMATS:
        raise ExportError(f'format must be one of {FORMATS}, but found {format!r}')
    exportable = ExportableModel(model, camera)
    height, width = frame.shape[:2]
    check_size(model, (height, width), dynamic_size)
    batches = [to_batch(frame), to_batch(frame, frame[:, ::-1])]
    if dynamic_size:
        step = exportable.divisor
        smaller = frame[: max(height - step, 2 * step), : max(width - 2 * step, 2 * step)]
        batches.append(to_batch(smaller))
    path = Path(path)
    check_replaceable(record_of(path), [path.name])
    with whole_file(path) as partial:
        write = write_onnx if format == 'onnx' else write_torchscript
        try:
            run = write(exportable, partial, torch.from_numpy(batches[1]), dynamic_size)
        except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
            raise ExportError(f'PyTorch cannot export this model to {format}: {error}') from error
        difference = max(relative_difference(exportable, run, batch) for batch in batches)
        if not difference <= TOLERANCE:
            raise ExportError(
                f'{path}: not written, the exported model differs from the model by '
                f'{difference:.2e} of the largest depth, above {TOLERANCE:g}'
            )
        about = dict(format=format, size=[height, width], dynamic_size=dynamic_size, unit='metre')
        about['calibration'] = asdict(model.calibration)  # which is in the graph
        if model.canonical_focal:
            about['camera'] = asdict(camera)
        write_record(record_of(path), dict(difference=difference), {path.name: about})
    return difference


def check_size(model: DepthDecomposer, size: tuple[int, int], dynamic_size: bool) -> None:
    """Make sure that a model can be exported for images of a size (H, W).

    Raises:
        ExportError: If it cannot.
    """
    divisor = model.encoder.size_divisor
    smallest = divisor * (2 if dynamic_size else 1)
    if min(size) < smallest or any(s % divisor for s in size) or math.prod(size) > MAX_PIXELS:
        raise ExportError(
            f'the size must be multiples of {divisor}, {smallest} or more and of at most '
            f'{MAX_PIXELS} pixels, but found {size[0]} x {size[1]}'
        )


def to_batch(*frames: np.ndarray) -> np.ndarray:
    """Images (H, W, 3) uint8 BGR to (B, 3, H, W) float32 RGB of 0 to 255."""
    batch = np.stack([frame[..., ::-1].transpose(2, 0, 1) for frame in frames])
    return np.ascontiguousarray(batch, dtype=np.float32)


@torch.no_grad()
def relative_difference(exportable: ExportableModel, run: Runner, batch: np.ndarray) -> float:
    """Largest difference of two predictions, relative to the largest depth."""
    expected = exportable(torch.from_numpy(batch)).numpy()
    return float(np.abs(run(batch) - expected).max() / np.abs(expected).max())


@torch.no_grad()
def write_torchscript(
    exportable: ExportableModel, path: Path, example: Tensor, dynamic_size: bool
) -> Runner:
    """Trace; a trace takes other sizes in any case."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # comparisons of sizes hold for every multiple
        traced = torch.jit.trace(exportable, example, check_trace=False)
        content = io.BytesIO()
        torch.jit.save(traced, content)
        path.write_bytes(content.getvalue())  # PyTorch aborts the process where a disk is full
        loaded = torch.jit.load(str(path))
    return lambda batch: loaded(torch.from_numpy(batch)).numpy()


@torch.no_grad()
def write_onnx(
    exportable: ExportableModel, path: Path, example: Tensor, dynamic_size: bool
) -> Runner:
    """Export through PyTorch's graph exporter; the file is run by onnxruntime."""
    try:
        import onnxruntime
        import onnxscript  # noqa: F401, torch.onnx imports it late
    except ImportError as error:
        raise ExportError(
            f'{error}; ONNX needs the packages of depthdecomp_mm[export]: onnx, onnxscript and '
            'onnxruntime'
        ) from error
    axes: dict = {0: Dim('batch')}
    if dynamic_size:
        step = exportable.divisor
        # PyTorch's exporter takes a size that may be 1 for a constant
        axes |= {2: step * Dim('rows', min=2, max=256), 3: step * Dim('columns', min=2, max=256)}
    with _quiet():
        program = torch.export.export(exportable, (example,), dynamic_shapes=(axes,))
        onnx = torch.onnx.export(
            program, input_names=['image'], output_names=['depth'], dynamo=True, verbose=False
        )
        onnx.save(str(path), external_data=False)
    session = onnxruntime.InferenceSession(str(path), providers=['CPUExecutionProvider'])
    return lambda batch: session.run(['depth'], {'image': batch})[0]


class _quiet(warnings.catch_warnings):
    """Without the exporters' remarks on their own workings."""

    def __enter__(self):
        result = super().__enter__()
        warnings.simplefilter('ignore')
        self._level = logging.root.manager.disable
        logging.disable(logging.WARNING)
        return result

    def __exit__(self, *error):
        logging.disable(self._level)
        return super().__exit__(*error)
