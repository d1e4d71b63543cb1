"""Predictions as files."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from depthdecomp_mm.datasets.converters.writing import MILLIMETRES, encode_depth
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.files import write_bytes

from .intrinsics import Intrinsics
from .point_cloud import encode_point_cloud
from .records import check_replaceable, write_record

FORMATS = ('png', 'npy', 'panel', 'ply')
METRIC_FORMATS = ('png', 'ply')
"""Formats that need metres."""
FILES = {
    '_depth.npy': ('npy', 'depth'),
    '_normalized.npy': ('npy', 'normalized'),
    '_gradients.npy': ('npy', 'gradients'),
    '_depth.png': ('png', 'depth'),
    '_panel.png': ('panel', 'panel'),
    '.ply': ('ply', 'depth'),
}
"""Ending of a file's name: its format, and what it holds."""


class PredictionWriter:
    """Writes the files of a prediction, each whole or not at all.

    For an image called ``name`` these are, in the output folder:

    - ``png``: ``name_depth.png``, 16-bit millimetres; the scale stands in ``name.json``
    - ``npy``: ``name_depth.npy``, (H, W) float32 metres; ``name_normalized.npy``,
      ``name_gradients.npy`` where predicted
    - ``panel``: ``name_panel.png``, image and prediction in colours with their scale
    - ``ply``: ``name.ply``, coloured points in metres
    - always ``name.json``: each file's unit, shape and scale, the range, and the camera

    A file that is there already is replaced only if ``name.json`` lists it.

    Args:
        out_dir: Folder of the files.
        formats: Of ``FORMATS``.
        camera: From the size (width, height) of an image to its camera, for point clouds.
    """

    def __init__(
        self,
        out_dir: str | Path,
        formats: Sequence[str] = FORMATS,
        camera: Callable[[tuple[int, int]], Intrinsics] = Intrinsics.assumed,
    ) -> None:
        unknown = set(formats) - set(FORMATS)
        if unknown:
            raise ValueError(f'formats must be of {FORMATS}, but found {sorted(unknown)}')
        self.out_dir = Path(out_dir)
        self.formats = tuple(formats)
        self.camera = camera

    def targets(self, name: str, keys: Iterable[str]) -> list[Path]:
        """The files of one image, the ``.json`` last.

        Args:
            name: Name of the image, with folders if it has any, without suffix.
            keys: What is predicted, of the keys of :func:`as_result`.
        """
        endings = self._endings({*keys, 'panel'})
        return [self.out_dir / f'{name}{ending}' for ending in (*endings, '.json')]

    def _endings(self, have: set[str]) -> list[str]:
        return [
            ending for ending, (form, key) in FILES.items() if form in self.formats and key in have
        ]

    def check(self, name: str, keys: Iterable[str]) -> None:
        """Make sure that the files of one image can be written.

        Args:
            name: As of :meth:`targets`.
            keys: As of :meth:`targets`.

        Raises:
            OutputError: If one is there that was not written here, or has too long a name.
        """
        *files, record = self.targets(name, keys)
        check_replaceable(record, [file.name for file in files])

    def write(
        self, name: str, image: np.ndarray, result: dict, panel: np.ndarray | None = None
    ) -> list[Path]:
        """Write the files of one image.

        Args:
            name: As of :meth:`targets`.
            image: (H, W, 3) uint8 BGR.
            result: As :func:`as_result` returns it. Without ``depth`` the metric formats are left
                out.
            panel: (H, W, 3) uint8 RGB, if panels are to be written.

        Returns:
            The files.

        Raises:
            OutputError: As :meth:`check` does; nothing is written.
            SampleError: If depth does not fit 16-bit millimetres; the other files are written.
        """
        result = dict(result) if panel is None else dict(result, panel=panel)
        files = {self.out_dir / f'{name}{e}': e for e in self._endings(set(result))}
        record = self.out_dir / f'{name}.json'
        check_replaceable(record, [file.name for file in files])
        encoded, unfit = {}, None
        for file, ending in files.items():
            try:
                encoded[file] = self._encode(file, ending, image, result)
            except SampleError as error:
                unfit = error
        if encoded or not unfit:
            write_record(record, _summary(result), {file.name: v[1] for file, v in encoded.items()})
        for file, (content, _) in encoded.items():
            write_bytes(file, content)
        if unfit:
            raise unfit
        return [*files, record]

    def _encode(
        self, file: Path, ending: str, image: np.ndarray, result: dict
    ) -> tuple[bytes, dict]:
        """A file's content, and what the record says of it."""
        values = result[FILES[ending][1]]
        if ending == '_panel.png':
            return cv2.imencode('.png', values[..., ::-1])[1].tobytes(), {}
        if ending == '_depth.png':
            scale = dict(unit='millimetre', units_per_metre=MILLIMETRES, missing=0)
            return encode_depth(file, values), dict(scale, shape=values.shape)
        if ending == '.ply':
            camera = self.camera(values.shape[::-1])
            content, count = encode_point_cloud(values, image, camera)
            return content, dict(unit='metre', points=count, camera=vars(camera))
        buffer = io.BytesIO()
        np.save(buffer, values)
        unit = 'metre' if ending == '_depth.npy' else 'unitless'
        return buffer.getvalue(), dict(unit=unit, shape=values.shape)


def _summary(result: dict) -> dict:
    summary = {key: result[key] for key in ('unit', 'representation')}
    summary['image'] = result['img_path']
    values = result.get('depth', result.get('normalized'))
    if values is not None:
        summary |= dict(smallest=float(values.min()), largest=float(values.max()))
    if 'mean' in result:
        summary['mean'] = result['mean']
    return summary


def output_names(paths: Sequence[str]) -> list[str]:
    """Names for the files of images: relative to the folder that holds them all, without suffix.

    Images that differ in their suffix alone keep it, as ``room.jpg`` and ``room.png`` do with
    ``room_jpg`` and ``room_png``; a name that another image has by then gets underscores.
    """
    absolute = [os.path.abspath(path) for path in paths]
    folder = os.path.commonpath([os.path.dirname(path) for path in absolute]) if absolute else ''
    relative = [Path(os.path.relpath(path, folder)) for path in absolute]
    stems = Counter(path.with_suffix('') for path in dict.fromkeys(relative))
    names: dict[Path, str] = {}
    for path in dict.fromkeys(relative):
        alone = stems[path.with_suffix('')] == 1
        name = str(path.with_suffix('') if alone else path.with_name(path.name.replace('.', '_')))
        while name in names.values():
            name += '_'
        names[path] = name
    return [names[path] for path in relative]
