"""Files: where a frame goes, how it is encoded, and the lists that name it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from depthdecomp_mm.datasets.converters.writing import write_image
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.files import write_bytes

from .frames import PARTS, Frame, Shot, scene_name

MANIFEST = 'rooms.json'
FOLDERS = ('nyu', 'hrwsi')
JPEG_QUALITY = 92


class SettingsError(UserError):
    """An argument of the data set is out of range, or does not fit the output folder."""


def frame_paths(frame: Frame) -> tuple[str, ...]:
    """Paths of a frame's files relative to the output folder.

    Returns:
        Colour and depth in the NYUv2 layout for a metric frame; colour, disparity and valid mask
        in the HR-WSI layout for a relative one.
    """
    if frame.metric:
        folder = f'nyu/{scene_name(frame)}'
        return f'{folder}/rgb_{frame.index:05d}.jpg', f'{folder}/sync_depth_{frame.index:05d}.png'
    folder, stem = f'hrwsi/{frame.part.split("_")[1]}', f'{frame.number:06d}'
    return tuple(
        f'{folder}/{name}'
        for name in (f'imgs/{stem}.jpg', f'gts/{stem}.png', f'valid_masks/{stem}.png')
    )


def is_written(out: Path, frame: Frame) -> bool:
    """Whether all files of a frame are there."""
    return all((out / path).is_file() for path in frame_paths(frame))


def write_shot(out: Path, frame: Frame, shot: Shot) -> None:
    """Writes a rendered frame's files."""
    arrays = (shot.image, shot.label, shot.valid)
    for path, array in zip(frame_paths(frame), arrays, strict=False):
        write_image(out / path, array, JPEG_QUALITY)


def write_list(out: Path, name: str, frames: Iterable[Frame]) -> None:
    """Writes a list of metric frames, a line ``rgb depth focal`` each, the last in pixels."""
    lines = []
    for frame in frames:
        rgb, depth = (path.removeprefix('nyu/') for path in frame_paths(frame))
        lines.append(f'{rgb} {depth} {frame.camera.fx:.4f}\n')
    write_bytes(out / 'nyu' / name, ''.join(lines).encode())


def check_manifest(out: Path, settings: dict, counts: dict[str, int]) -> None:
    """Records what a folder holds, and refuses to mix it with something else.

    Args:
        out: The output folder.
        settings: What every frame depends on, such as size and seed.
        counts: Frames of each part; a later run may only add frames.

    Raises:
        SettingsError: If the folder was begun with other settings, holds more frames, or something
            in the frames' places that is not of this tool.
    """
    path = out / MANIFEST
    before = _read_manifest(path) if path.exists() else None
    if before is None:
        theirs = [out / name for name in FOLDERS if (out / name).exists()]
        if theirs:
            raise SettingsError(
                f'{theirs[0]}: is there, but not of this tool; choose another folder'
            )
    elif before['settings'] != settings:
        raise SettingsError(
            f'{path}: the folder holds frames made with {before["settings"]}, '
            f'asked for {settings}; choose another folder'
        )
    for part, count in (before or {}).get('counts', {}).items():
        if counts[part] < count:
            raise SettingsError(
                f'{path}: the folder has {count} frames of {part}, asked for {counts[part]}; '
                'choose another folder or at least as many'
            )
    content = json.dumps(dict(settings=settings, counts=counts), indent=2) + '\n'
    write_bytes(path, content.encode())


def _read_manifest(path: Path) -> dict:
    try:
        content = json.loads(path.read_text())
        if content['counts'].keys() == set(PARTS) and 'settings' in content:
            return content
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise SettingsError(f'{path}: is not of this tool; choose another folder')
