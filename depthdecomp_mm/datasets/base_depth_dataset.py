"""The base of all data sets of images with depth maps."""

from __future__ import annotations

import logging
import posixpath
from fnmatch import fnmatch
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.structures import LABEL_TYPES, Crop

from . import storage
from .pairing import Suffix, parse_line, parse_lines, scan_folder
from .relative_fit import OFFSETS
from .shared_count import SharedCount

DEPTH_ENCODINGS = ('linear', 'sunrgbd')
EVALUATION_KEYS = ('min_depth', 'max_depth', 'eval_crop')
"""Meta information that metrics go by."""
PATH_KEYS = ('img_path', 'depth_map_path', 'valid_mask_path')
RELATIVE_KEYS = ('relative_map_path', 'relative_mask_path')
FILE_KEYS = (*PATH_KEYS, *RELATIVE_KEYS)


@DATASETS.register_module()
class BaseDepthDataset(BaseDataset):
    """Images with depth maps, given by a list file or by folders.

    With ``ann_file``, a list of lines ``rgb depth [focal]`` whose paths are relative to
    ``data_prefix`` (see :func:`~depthdecomp_mm.datasets.pairing.parse_line`); lines with depth
    ``None`` are left out and counted in ``num_missing_depth``. The files named are not looked for
    before they are read. Without it, the files below the folders of ``data_prefix`` are paired by
    their relative paths without suffix, in sorted order, and every image must have its partners.

    Each sample's ``data_info`` holds ``img_path``, ``depth_map_path``, ``valid_mask_path`` (or
    None each), ``depth_scale``, ``depth_encoding``, ``label_type``, ``min_depth``, ``max_depth``,
    ``focal`` (or None), ``sparse``, ``relative_encoding``, MMEngine's ``sample_idx`` and, where
    given, ``relative_map_path``, ``relative_mask_path`` and the ``backend_args`` by which
    transforms read it.

    Args:
        ann_file: List file, relative to ``data_root``; empty for data sets given by folders.
        data_prefix: Folders, relative to ``data_root``, under the keys ``img_path``,
            ``depth_map_path`` and, where the set has masks (folders only), ``valid_mask_path``.
            Under ``relative_map_path`` that of dense relative maps (larger = nearer) of the same
            frames, and under ``relative_mask_path`` that of the masks of these, if any: below each
            a file has the path of its image, without a leading ``../``, with another suffix. The
            maps are fitted to the measured pixels of their frame; G, N and the mean are learnt from
            what comes of it.
        img_suffix: End of the images' file names, or several (folders only).
        depth_map_suffix: End of the depth maps' file names, or several (folders only).
        valid_mask_suffix: End of the masks' file names, or several (folders only).
        relative_map_suffix: End of the relative maps' and their masks' file names.
        relative_encoding: What a relative map is up to scale and shift: ``'code'``, 1 / (d + 1) of
            the depth d in metres, or ``'disparity'``, 1 / d.
        sparse: Whether depth is known at scattered points only, as from a LiDAR or a tape measure.
            Then M alone is learnt from the points, and resizing keeps all of them.
        depth_scale: Stored units per metre: metres = stored / ``depth_scale``. Needed for metric
            labels, not used for relative ones.
        depth_encoding: ``'linear'``, or ``'sunrgbd'`` for 16-bit values whose three lowest bits are
            rotated to the top.
        label_type: ``'metric'`` (depth) or ``'relative'`` (disparity, larger = nearer). ``'none'``
            is of images alone, for a model that has a teacher; of a list only their paths count.
        min_depth: Depths below it, in metres, are invalid; None for no limit.
        max_depth: Depths above it, in metres, are invalid; None for no limit.
        eval_crop: Part of the frame that metrics look at, as
            :data:`~depthdecomp_mm.structures.crop.Crop` has it; None for all of it.
        on_bad_sample: ``'raise'``, or ``'skip'`` to take the next sample of this set in place of
            one that raises :class:`SampleError`, with a warning, counted in ``num_bad_samples``
            over all worker processes; after ``max_refetch`` replacements it raises. Only for
            training: a replaced test sample would change the result unseen.
        focal: Focal length of all images whose line in the list states none, in pixels of the
            stored images; for models with a ``canonical_focal``.
        backend_args: Arguments of MMEngine's file backend for the list, the folders and, unless
            they state their own, the transforms that load. With ``backend='lmdb'`` the database
            stands in the place of ``data_root``: its keys are paths relative to it.
        **kwargs: Arguments of :class:`mmengine.dataset.BaseDataset`.

    The meta information tells metrics how to evaluate: ``min_depth``, ``max_depth``, ``eval_crop``.

    Raises:
        ValueError: If the arguments contradict each other, or ``indices`` asks for more samples
            than there are.
        FileNotFoundError: If the list file, a folder or the database does not exist.
        SampleError: If a line is malformed, an image lacks its partner or there are no pairs.
    """

    METAINFO: dict = dict(dataset_type='depth', depth_unit='metre')
    PREPARED_BY: dict = {'*': 'tools/dataset_converters/custom.py lists pairs of your own'}
    """What makes a list file, or prepares a set without one, by patterns of the list's name; the
    first that fits counts."""

    def __init__(
        self,
        ann_file: str = '',
        data_prefix: dict | None = None,
        *,
        img_suffix: Suffix = '.jpg',
        depth_map_suffix: Suffix = '.png',
        valid_mask_suffix: Suffix = '.png',
        relative_map_suffix: str = '.png',
        relative_encoding: str = 'code',
        sparse: bool = False,
        depth_scale: float | None = None,
        depth_encoding: str = 'linear',
        label_type: str = 'metric',
        min_depth: float | None = None,
        max_depth: float | None = None,
        eval_crop: Crop = None,
        on_bad_sample: str = 'raise',
        focal: float | None = None,
        backend_args: dict | None = None,
        **kwargs,
    ) -> None:
        name = type(self).__name__
        _expect(name, 'label_type', label_type, LABEL_TYPES)
        self.label_keys = PATH_KEYS[1:2] if label_type != 'none' else ()
        data_prefix = dict.fromkeys(('img_path', *self.label_keys), '') | dict(data_prefix or {})
        _expect(name, 'depth_encoding', depth_encoding, DEPTH_ENCODINGS)
        _expect(name, 'on_bad_sample', on_bad_sample, ('raise', 'skip'))
        _expect(name, 'relative_encoding', relative_encoding, tuple(OFFSETS))
        for key in data_prefix:
            _expect(name, 'key of data_prefix', key, FILE_KEYS)
        if label_type != 'metric' and (sparse or data_prefix.keys() & set(RELATIVE_KEYS)):
            raise ValueError(f'{name}: sparse and relative maps are of metric labels')
        if on_bad_sample == 'skip' and kwargs.get('test_mode', False):
            raise ValueError(f"{name}: on_bad_sample='skip' is for training, found test_mode=True")
        if ann_file and 'valid_mask_path' in data_prefix:
            raise ValueError(f'{name}: a list file names no masks, found a valid_mask_path with it')
        _check_range(name, label_type, depth_scale, min_depth, max_depth)
        self.img_suffix = img_suffix
        self.depth_map_suffix = depth_map_suffix
        self.valid_mask_suffix = valid_mask_suffix
        self.relative_map_suffix = relative_map_suffix
        self.label_info = dict(
            depth_scale=depth_scale,
            depth_encoding=depth_encoding,
            label_type=label_type,
            min_depth=min_depth,
            max_depth=max_depth,
            sparse=sparse,
            relative_encoding=relative_encoding,
            focal=focal,
        )
        self.on_bad_sample = on_bad_sample
        self.backend_args = backend_args
        self.num_missing_depth = 0
        self._bad_samples = SharedCount()
        super().__init__(ann_file=ann_file, data_prefix=data_prefix, **kwargs)
        self._metainfo.update(
            depth_unit='metre' if label_type == 'metric' else 'unitless',
            min_depth=min_depth,
            max_depth=max_depth,
            eval_crop=eval_crop,
        )

    @property
    def num_bad_samples(self) -> int:
        """Samples replaced up to now, in this process and its workers."""
        return self._bad_samples.total

    def load_data_list(self) -> list[dict]:
        """Collect the pairs of the list file or of the folders."""
        storage.check(self.backend_args)
        try:
            paths = self._paths_of_list() if self.ann_file else self._paths_of_folders()
        except FileNotFoundError as error:
            raise FileNotFoundError(f'{error} ({self._preparation()})') from error
        if not paths:
            source = self.ann_file or f'{self.data_prefix} with suffix {self.img_suffix!r}'
            raise SampleError(f'{type(self).__name__}: no pair of image and depth map in {source}')
        if isinstance(self._indices, int) and abs(self._indices) > len(paths):
            raise SampleError(
                f'{type(self).__name__}: indices={self._indices}, but there are {len(paths)} pairs '
                f'in {self.ann_file or self.data_prefix["img_path"]}'
            )
        common = dict.fromkeys(PATH_KEYS) | self.label_info
        if self.backend_args:
            common['backend_args'] = dict(self.backend_args)
        return [{**common, **path} for path in paths]

    def _preparation(self) -> str:
        name = posixpath.basename(self.ann_file)
        return next(how for pattern, how in self.PREPARED_BY.items() if fnmatch(name, pattern))

    def list_path(self, path: str) -> str:
        """Map a path as the list file spells it to one below ``data_prefix``."""
        return path

    def pair_key(self, stem: str) -> str:
        """Map a file's relative path without suffix to what its partners have in common."""
        return stem

    def _paths_of_list(self) -> list[dict]:
        lines = parse_lines(self._address(self.ann_file), parse_line, self.backend_args)
        labelled = [line for line in lines if line[1] is not None or not self.label_keys]
        self.num_missing_depth = len(lines) - len(labelled)
        if self.num_missing_depth:
            self._warn(f'left out {self.num_missing_depth} images without depth map')
        return [
            {
                key: self._join(key, self.list_path(path))
                for key, path in zip(('img_path', *self.label_keys), pair, strict=False)
            }
            | ({} if focal is None else dict(focal=focal))
            | self._relative_paths(self.list_path(pair[0]))
            for *pair, focal in labelled
        ]

    def _relative_paths(self, image: str) -> dict[str, str]:
        """The relative map, and its mask, of an image that a list names."""
        stem = posixpath.normpath(posixpath.splitext(image)[0])
        # below their folder also where a list leads out of its own
        path = '/'.join(part for part in stem.split('/') if part not in ('', '..'))
        path += self.relative_map_suffix
        found = {key: self._join(key, path) for key in RELATIVE_KEYS if key in self.data_prefix}
        if self._join('img_path', image) in found.values():
            raise SampleError(f'{type(self).__name__}: {image} would be its own relative map')
        return found

    def _join_prefix(self) -> None:
        # MMEngine's own can join nothing to a URL
        root = self.data_root or ''
        self.ann_file = self.ann_file and storage.join(root, self.ann_file, self.backend_args)
        self.data_prefix = {
            key: storage.join(root, prefix, self.backend_args)
            for key, prefix in self.data_prefix.items()
        }

    def _join(self, key: str, path: str) -> str:
        return self._address(storage.join(self.data_prefix[key], path, self.backend_args))

    def _address(self, path: str) -> str:
        return storage.address(path, self.data_root, self.backend_args)

    def _paths_of_folders(self) -> list[dict]:
        suffixes = self._suffixes()
        files = {
            key: scan_folder(self._address(folder), suffixes[key], self.pair_key, self.backend_args)
            for key, folder in self.data_prefix.items()
        }
        images = files['img_path']
        for key in files.keys() - {'img_path'}:
            orphans = [path for stem, path in images.items() if stem not in files[key]]
            if orphans:
                raise SampleError(
                    f'{type(self).__name__}: {len(orphans)} of {len(images)} images of '
                    f'{self.data_prefix["img_path"]} have no partner with suffix {suffixes[key]!r} '
                    f'in {self.data_prefix[key]}, the first: {orphans[:3]}'
                )
            unused = len(files[key]) - len(images)
            if images and unused:
                self._warn(f'{unused} files of {self.data_prefix[key]} belong to no image')
        return [
            {key: self._join(key, found[stem]) for key, found in files.items()} for stem in images
        ]

    def _suffixes(self) -> dict[str, Suffix]:
        own = (self.img_suffix, self.depth_map_suffix, self.valid_mask_suffix)
        suffixes = dict(zip(PATH_KEYS, own, strict=True))
        suffixes |= dict.fromkeys(RELATIVE_KEYS, self.relative_map_suffix)
        places = {key: (folder, suffixes[key]) for key, folder in self.data_prefix.items()}
        for key, place in places.items():
            if key != 'img_path' and place == places['img_path']:
                raise ValueError(
                    f'{type(self).__name__}: img_path and {key} have the same folder {place[0]!r} '
                    f'and the same suffix {place[1]!r}'
                )
        return suffixes

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline on a sample, or on the next readable one (see ``on_bad_sample``)."""
        if self.on_bad_sample == 'raise':
            return super().prepare_data(idx)
        attempts = min(self.max_refetch + 1, len(self))
        for attempt in range(attempts):
            try:
                return super().prepare_data((idx + attempt) % len(self))
            except SampleError as error:
                self._bad_samples.add()
                self._warn(f'skipped a bad sample: {error}')
                last_error = error
        raise SampleError(
            f'{type(self).__name__}: {attempts} bad samples in a row, the last: {last_error}'
        ) from last_error

    def _warn(self, message: str) -> None:
        print_log(f'{type(self).__name__}: {message}', logger='current', level=logging.WARNING)


def _expect(name: str, argument: str, found: str, expected: tuple[str, ...]) -> None:
    if found not in expected:
        raise ValueError(f'{name}: {argument} is {found!r}, expected one of {expected}')


def _check_range(
    name: str,
    label_type: str,
    depth_scale: float | None,
    min_depth: float | None,
    max_depth: float | None,
) -> None:
    if label_type == 'none':
        return
    if label_type == 'relative':
        if min_depth is not None or max_depth is not None:
            raise ValueError(f'{name}: min_depth and max_depth are metres, found relative labels')
    elif depth_scale is None or not depth_scale > 0:
        raise ValueError(
            f'{name}: depth_scale is {depth_scale}, expected stored units per metre (> 0)'
        )
    elif min_depth is not None and max_depth is not None and not min_depth < max_depth:
        raise ValueError(f'{name}: min_depth {min_depth} is not below max_depth {max_depth}')
