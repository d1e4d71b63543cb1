"""Images, labels and masks below a folder, as relative data are laid out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np

from depthdecomp_mm.apis.writer import output_names
from depthdecomp_mm.datasets.converters.inspection import Outcome, inspect_pair
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.datasets.converters.writing import JPEG_QUALITY
from depthdecomp_mm.datasets.transforms.decoding import read_bytes
from depthdecomp_mm.datasets.transforms.loading import LoadImageFromFile
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.files import write_together
from depthdecomp_mm.progress import Progress

from .teachers import Teacher
from .trust import Trust, mean_of_both

FOLDERS = {
    'depth_map_path': ('train/gts', '.png'),
    'valid_mask_path': ('train/valid_masks', '.png'),
    'img_path': ('train/imgs', '.jpg'),
}
"""Folder and suffix of each file of a sample; the image, by which samples are found, comes last."""
SHEET = 'contact_sheet.png'
LARGEST = np.iinfo(np.uint16).max


class Labels:
    """Relative labels below a folder, in HR-WSI's layout.

    The folder keeps a record of the teacher. Labels of another teacher, or masked in another way,
    are refused there. Frames that are finished are not labelled again.

    Args:
        out: The folder.
        teacher: Who labels.
        trust: Which pixels to believe.

    Raises:
        SampleError: If the folder holds labels that were made in another way.
    """

    def __init__(self, out: Path, teacher: Teacher, trust: Trust) -> None:
        self.out, self.teacher, self.trust = out, teacher, trust
        options = dict(teacher=teacher.identity, meaning=str(teacher.meaning), **asdict(trust))
        self._record = Record(out, 'pseudo_label', options)

    @property
    def sheet(self) -> Path:
        """Where a picture of the labels goes."""
        return self.out / SHEET

    def claim(self, paths: Sequence[str]) -> list[dict]:
        """Settle which files the frames get.

        Args:
            paths: Image files.

        Returns:
            The sample of each, as a data set of relative labels has it.

        Raises:
            SampleError: If a file of somebody else's is in the way.
        """
        samples, origins = [], {SHEET: 'the labels'}
        for path, name in zip(paths, output_names(paths), strict=True):
            files = {key: f'{folder}/{name}{end}' for key, (folder, end) in FOLDERS.items()}
            origins |= dict.fromkeys(files.values(), _origin(path))
            paths_of = {key: str(self.out / file) for key, file in files.items()}
            samples.append(dict(paths_of, label_type='relative'))
        self._record.claim(origins)
        return samples

    def label(self, path: str, sample: dict) -> Outcome:
        """Label a frame, unless an earlier run has.

        Args:
            path: The image.
            sample: Its files, as of :meth:`claim`.
        """
        try:
            return Outcome(inspect_pair(sample).stats, reused=True)
        except SampleError:  # not there yet, or damaged since
            pass
        try:
            self._write(path, sample)
            return inspect_pair(sample)
        except SampleError as error:
            return Outcome(problem=str(error))

    def _write(self, path: str, sample: dict) -> None:
        image = LoadImageFromFile().transform(dict(img_path=path))['img']
        label, valid = self.predict(image)
        share = valid.mean()
        if share < self.trust.least:
            raise SampleError(
                f'{path}: {100 * share:.1f} % of its label can be believed, expected '
                f'{100 * self.trust.least:g} % at least'
            )
        contents = {
            'depth_map_path': _png(_to_16_bits(label, valid, path)),
            'valid_mask_path': _png(valid.astype(np.uint8) * 255),
            'img_path': _jpeg(path, image),
        }
        write_together({Path(sample[key]): content for key, content in contents.items()})

    def predict(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Label an image: by the mean of its prediction and that of its mirrored image.

        Args:
            image: (H, W, 3) uint8 BGR.

        Returns:
            (H, W) float32, larger = nearer, NaN where there is none; and the (H, W) bool mask of
            the pixels to believe.
        """
        encode = self.teacher.meaning.encode
        label = encode(self.teacher(image))
        if self.trust.mirror is None:
            return label, self.trust.mask(label, None)
        mirrored = encode(self.teacher(image[:, ::-1]))[:, ::-1]
        return mean_of_both(label, mirrored), self.trust.mask(label, mirrored)


def label_images(labels: Labels, paths: Sequence[str]) -> tuple[list[dict], list[Outcome]]:
    """Label images one after another, with a progress bar.

    Args:
        labels: Where to and how.
        paths: Image files.

    Returns:
        The samples that have a label, as a data set of relative labels has them, and the outcomes
        of all.

    Raises:
        SampleError: As :meth:`Labels.claim` does.
    """
    samples = labels.claim(paths)
    outcomes = []
    bar = Progress(len(paths))
    for path, sample in zip(paths, samples, strict=True):
        outcomes.append(labels.label(path, sample))
        bar.update()
    bar.close()
    good = [sample for sample, outcome in zip(samples, outcomes, strict=True) if outcome.stats]
    return good, outcomes


def _origin(path: str) -> str:
    """What tells a file from a later one of the same name."""
    try:
        about = os.stat(path)
    except OSError:  # said when it is read
        return os.path.realpath(path)
    return f'{os.path.realpath(path)}, {about.st_size} bytes, {about.st_mtime_ns}'


def _to_16_bits(label: np.ndarray, valid: np.ndarray, path: str) -> np.ndarray:
    """Spread the valid values over 16 bits: z-scores do not change by that."""
    low, high = label[valid].min(), label[valid].max()
    if not low < high:
        raise SampleError(f'{path}: its label is {low:g} everywhere, expected a map')
    scaled = (np.clip(np.nan_to_num(label, nan=low), low, high) - low) / (high - low)
    return np.rint(scaled * LARGEST).astype(np.uint16)


def _png(values: np.ndarray) -> bytes:
    return cv2.imencode('.png', values)[1].tobytes()


def _jpeg(path: str, image: np.ndarray) -> bytes:
    """The image's own bytes where it is a JPEG file."""
    content = read_bytes(path)
    if content.startswith(b'\xff\xd8'):
        return content
    return cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
