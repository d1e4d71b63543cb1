"""KITTI's frames: their names in lists, their files in the downloads, and Eigen's test scenes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from depthdecomp_mm.errors import SampleError

DEPTH_SCALE = 256.0
_TEST_DRIVES = {
    '2011_09_26': '2 9 13 20 23 27 29 36 46 48 52 56 59 64 84 86 93 96 101 106 117',
    '2011_09_28': '2',
    '2011_09_29': '71',
    '2011_09_30': '16 18 27',
    '2011_10_03': '27 47',
}
TEST_DRIVES = frozenset(
    f'{date}_drive_{int(number):04d}_sync'
    for date, numbers in _TEST_DRIVES.items()
    for number in numbers.split()
)
"""The 28 scenes that Eigen et al. took their 697 test images from."""

_DRIVE = r'(?P<drive>\d{4}_\d\d_\d\d_drive_\d{4}_sync)'
_BTS = re.compile(rf'{_DRIVE}/image_0(?P<camera>[23])/data/(?P<number>\d+)\.(png|jpg)(\s|$)')
_MONODEPTH = re.compile(rf'{_DRIVE}\s+(?P<number>\d+)\s+(?P<camera>[lr])$')
_CAMERAS = dict(l='2', r='3')


class Frame(NamedTuple):
    """One image of a drive.

    Attributes:
        drive: Such as ``2011_09_26_drive_0001_sync``.
        camera: ``'image_02'`` (left) or ``'image_03'``.
        number: Ten digits.
    """

    drive: str
    camera: str
    number: str


def parse_frame(line: str) -> Frame:
    """The frame that a line of a list names.

    Args:
        line: Of BTS's lists, ``[date/]drive/image_02/data/number.png depth focal``, or of
            monodepth2's, ``date/drive number l``.

    Raises:
        ValueError: If it is of neither form.

    Examples:
        >>> parse_frame('2011_09_26/2011_09_26_drive_0002_sync 69 l')
        Frame(drive='2011_09_26_drive_0002_sync', camera='image_02', number='0000000069')
    """
    found = _BTS.search(line) or _MONODEPTH.search(line)
    if not found:
        raise ValueError(
            f"found {line!r}, expected '[date/]drive/image_02/data/number.png ...' or "
            "'date/drive number l'"
        )
    camera = _CAMERAS.get(found['camera'], found['camera'])
    return Frame(found['drive'], f'image_0{camera}', f'{int(found["number"]):010d}')


class Downloads:
    """Where the frames of the raw and of the annotated download lie.

    Args:
        raw: Folder of the dates, each with its drives.
        annotated: Folder of ``train`` and ``val``, or of the drives of both.

    Raises:
        SampleError: If the annotated folder has no drives.
    """

    def __init__(self, raw: Path, annotated: Path) -> None:
        self.raw = raw
        self.drives = {
            path.name: path
            for folder in (annotated, annotated / 'train', annotated / 'val')
            if folder.is_dir()
            for path in sorted(folder.glob('*_sync'))
        }
        if not self.drives:
            raise SampleError(f'{annotated}: found no drives, expected {{train,val}}/*_sync/')
        self.focal = cache(self._focal)

    def depth_of(self, frame: Frame) -> Path | None:
        """The annotated depth of a frame; None if it has none.

        Raises:
            SampleError: If the whole drive is missing.
        """
        if frame.drive not in self.drives:
            raise SampleError(f'{frame.drive}: not in the annotated download')
        folder = self.drives[frame.drive] / 'proj_depth' / 'groundtruth' / frame.camera
        path = folder / f'{frame.number}.png'
        return path if path.exists() else None

    def image_of(self, frame: Frame) -> Path:
        """The image of a frame, a PNG as downloaded or a JPEG that was made of it."""
        folder = self.raw / frame.drive[:10] / frame.drive / frame.camera / 'data'
        jpeg = folder / f'{frame.number}.jpg'
        return jpeg if jpeg.exists() else folder / f'{frame.number}.png'

    def _focal(self, date: str, camera: str) -> float | None:
        """Focal length in pixels; None where the date's calibration is not there.

        Raises:
            SampleError: If the calibration has no rectified projection of the camera.
        """
        path = self.raw / date / 'calib_cam_to_cam.txt'
        if not path.exists():
            return None
        found = re.search(rf'^P_rect_{camera[-2:]}: (\S+)', path.read_text(), re.MULTILINE)
        if not found:
            raise SampleError(f'{path}: found no P_rect_{camera[-2:]}')
        return float(found[1])

    def sample_of(self, frame: Frame) -> dict | None:
        """What a data set knows of a frame; None if it has no annotated depth.

        Raises:
            SampleError: As :meth:`depth_of`, or if a calibration is damaged.
        """
        depth = self.depth_of(frame)
        if depth is None:
            return None
        return dict(
            img_path=str(self.image_of(frame)),
            depth_map_path=str(depth),
            depth_scale=DEPTH_SCALE,
            focal=self.focal(frame.drive[:10], frame.camera),
        )

    def other_frames(self, excluded: Iterable[str] = TEST_DRIVES) -> list[Frame]:
        """The left camera's annotated frames of all drives but some."""
        return [
            Frame(drive, 'image_02', path.stem)
            for drive, folder in sorted(self.drives.items())
            if drive not in excluded
            for path in sorted((folder / 'proj_depth/groundtruth/image_02').glob('*.png'))
        ]
