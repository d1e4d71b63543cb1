"""What the command lines share that make point clouds: options for the camera."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import lru_cache, partial

from .apis import CAMERAS, Intrinsics

Camera = Callable[[tuple[int, int]], Intrinsics]


def add_camera_options(parser: ArgumentParser) -> None:
    """Add ``--camera``, ``--fov`` and ``--fx`` with what belongs to it."""
    camera = parser.add_argument_group('camera, in pixels of the input images')
    camera.add_argument('--camera', choices=sorted(CAMERAS), help='a known camera')
    camera.add_argument('--fov', type=float, help='horizontal field of view in degrees')
    camera.add_argument('--fx', type=float, help='focal length')
    camera.add_argument('--fy', type=float, help='focal length (default: fx)')
    camera.add_argument('--cx', type=float, help='principal point (default: the middle)')
    camera.add_argument('--cy', type=float, help='principal point (default: the middle)')


def check_camera(parser: ArgumentParser, args: Namespace) -> None:
    """Refuse options that do not fit together, or make no camera."""
    if sum(value is not None for value in (args.camera, args.fov, args.fx)) > 1:
        parser.error('give one of --camera, --fov and --fx')
    if args.fx is None and any(v is not None for v in (args.fy, args.cx, args.cy)):
        parser.error('--fy, --cx and --cy need --fx')
    if args.fov is not None or args.fx is not None:
        try:
            choose_camera(args)((640, 480))
        except ValueError as error:
            parser.error(str(error))


def choose_camera(args: Namespace) -> Camera:
    """From an image's size (width, height) to its camera, assumed with a warning if not given."""
    return given_camera(args) or lru_cache(Intrinsics.assumed)


def given_camera(args: Namespace) -> Camera | None:
    """From an image's size (width, height) to its camera; None if no option tells it."""
    if args.camera:
        return lambda size: CAMERAS[args.camera].scaled_to(*size)
    if args.fx is not None:
        return partial(Intrinsics.from_focal, fx=args.fx, fy=args.fy, cx=args.cx, cy=args.cy)
    if args.fov is not None:
        return partial(Intrinsics.from_fov, fov=args.fov)
    return None
