"""Predictions as files."""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from depthdecomp_mm.datasets.converters.writing import MILLIMETRES, write_bytes, write_depth

from .intrinsics import Intrinsics
from .point_cloud import write_point_cloud

FORMATS = ('png', 'npy', 'panel', 'ply')
METRIC_FORMATS = ('png', 'ply')
"""Formats that need metres."""


class PredictionWriter:
    """Writes the files of a prediction, each whole or not at all.

    For an image called ``name`` these are, in the output folder:

    - ``png``: ``name_depth.png``, 16-bit millimetres; the scale stands in ``name.json``
    - ``npy``: ``name_depth.npy``, (H, W) float32 metres; ``name_normalized.npy``,
      ``name_gradients.npy`` where predicted
    - ``panel``: ``name_panel.png``, image and prediction in colours with their scale
    - ``ply``: ``name.ply``, coloured points in metres
    - always ``name.json``: each file's unit, shape and scale, the range, and the camera

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

    def write(
        self, name: str, image: np.ndarray, result: dict, panel: np.ndarray | None = None
    ) -> list[Path]:
        """Write the files of one image.

        Args:
            name: Name of the image, with folders if it has any, without suffix.
            image: (H, W, 3) uint8 BGR.
            result: As :func:`as_result` returns it. Without ``depth`` the metric formats are left
                out.
            panel: (H, W, 3) uint8 RGB, if panels are to be written.

        Returns:
            list: The files.
        """
        files: dict[str, dict] = {}
        depth = result.get('depth')
        if 'npy' in self.formats:
            for key in ('depth', 'normalized', 'gradients'):
                if key in result:
                    unit = 'metre' if key == 'depth' else 'unitless'
                    files[f'{name}_{key}.npy'] = dict(unit=unit, shape=result[key].shape)
                    self._write_array(f'{name}_{key}.npy', result[key])
        if 'png' in self.formats and depth is not None:
            write_depth(self.out_dir / f'{name}_depth.png', depth)
            scale = dict(unit='millimetre', units_per_metre=MILLIMETRES, missing=0)
            files[f'{name}_depth.png'] = dict(scale, shape=depth.shape)
        if 'panel' in self.formats and panel is not None:
            content = cv2.imencode('.png', panel[..., ::-1])[1].tobytes()
            write_bytes(self.out_dir / f'{name}_panel.png', content)
            files[f'{name}_panel.png'] = {}
        if 'ply' in self.formats and depth is not None:
            camera = self.camera(depth.shape[::-1])
            count = write_point_cloud(self.out_dir / f'{name}.ply', depth, image, camera)
            files[f'{name}.ply'] = dict(unit='metre', points=count, camera=vars(camera))
        self._write_summary(name, result, files)
        return [self.out_dir / file for file in files] + [self.out_dir / f'{name}.json']

    def _write_array(self, name: str, array: np.ndarray) -> None:
        buffer = io.BytesIO()
        np.save(buffer, array)
        write_bytes(self.out_dir / name, buffer.getvalue())

    def _write_summary(self, name: str, result: dict, files: dict) -> None:
        summary = {key: result[key] for key in ('unit', 'representation')}
        summary |= dict(image=result['img_path'], files=files)
        values = result.get('depth', result.get('normalized'))
        if values is not None:
            summary |= dict(smallest=float(values.min()), largest=float(values.max()))
        if 'mean' in result:
            summary['mean'] = result['mean']
        write_bytes(self.out_dir / f'{name}.json', (json.dumps(summary, indent=2) + '\n').encode())


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
