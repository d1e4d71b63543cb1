"""Render furnished rooms as a small embedded data set, metric (NYUv2) and relative (HR-WSI)."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.command_line import output_file
from depthdecomp_mm.converter_command_line import run
from depthdecomp_mm.workshop.rooms import make_rooms
from depthdecomp_mm.workshop.rooms.contact_sheet import contact_sheet


def frame_size(text: str) -> tuple[int, int]:
    """Parses ``WIDTHxHEIGHT``."""
    match = re.fullmatch(r'(\d+)x(\d+)', text)
    if not match:
        raise argparse.ArgumentTypeError(f'{text!r} is not WIDTHxHEIGHT, such as 160x120')
    return int(match[1]), int(match[2])


def field_of_view(text: str) -> float:
    """Parses a field of view in degrees."""
    fov = float(text)
    if not 10 <= fov <= 150:
        raise argparse.ArgumentTypeError(f'expected 10 to 150 degrees, found {text}')
    return fov


def picture_file(text: str) -> Path:
    """Parses the name of a picture that can be written."""
    if not text.lower().endswith(('.png', '.jpg')):
        raise argparse.ArgumentTypeError(f'expected a .png or .jpg file, found {text}')
    return output_file(text)


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument('--out', default='data/rooms', help='output folder')
    parser.add_argument('--metric-train', type=int, default=2000, help='metric training frames')
    parser.add_argument('--metric-test', type=int, default=200, help='metric test frames')
    parser.add_argument('--relative-train', type=int, default=4000, help='relative frames')
    parser.add_argument('--relative-val', type=int, default=50, help='relative validation frames')
    parser.add_argument('--size', type=frame_size, default='160x120', help='frame, WIDTHxHEIGHT')
    parser.add_argument('--seed', type=int, default=0, help='of everything random')
    parser.add_argument(
        '--fov', type=field_of_view, help='of the metric frames, degrees; that of NYUv2 by default'
    )
    parser.add_argument('--workers', type=int, help='processes; all cores by default')
    parser.add_argument(
        '--contact-sheet',
        type=picture_file,
        metavar='FILE',
        help='only write a sheet of some frames and labels',
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Makes the data set, or the contact sheet alone."""
    args = vars(parse_args(argv))
    if sheet := args.pop('contact_sheet'):
        contact_sheet(sheet, args['size'], args['seed'])
    else:
        make_rooms(**args)


if __name__ == '__main__':
    run(main)
