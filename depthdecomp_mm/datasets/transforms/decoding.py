"""From a file's bytes to an array, or to an error that names the file."""

from __future__ import annotations

import io
import warnings
import zipfile

import cv2
import numpy as np
from PIL import Image

from depthdecomp_mm.datasets import storage
from depthdecomp_mm.errors import SampleError

PNG_END = b'IEND\xaeB\x60\x82'
MAX_PIXELS = 100_000_000
"""Images and maps above this are refused before memory is taken for them."""


def read_bytes(path: str, backend_args: dict | None = None) -> bytes:
    """Read a file.

    Args:
        path: The file.
        backend_args: Arguments of MMEngine's file backend.

    Returns:
        Its content, not empty.

    Raises:
        SampleError: If it is missing, empty or unreadable.
    """
    try:
        content = storage.read(path, backend_args)
    except OSError as error:
        raise SampleError(str(error)) from error
    if not content:
        raise SampleError(f'{storage.place_of(path, backend_args)}: found an empty file')
    return content


def check_complete(content: bytes, path: str) -> None:
    """Make sure that a JPEG or PNG file was not cut off, since decoders may fill the rest in.

    Args:
        content: The file's bytes; formats other than JPEG and PNG pass.
        path: The file's name, for the error.

    Raises:
        SampleError: If the marker that ends the image is missing.
    """
    if content.startswith(b'\x89PNG'):
        if content.rfind(PNG_END) < 0:
            raise SampleError(f'{path}: truncated PNG file, found no IEND chunk')
    elif content.startswith(b'\xff\xd8') and content.rfind(b'\xff\xd9', _jpeg_scan(content)) < 0:
        raise SampleError(f'{path}: truncated JPEG file, found no end of image (FFD9)')


def _jpeg_scan(content: bytes) -> int:
    """Where the coded pixels start: an embedded thumbnail before has an end marker of its own."""
    position = 2
    while content[position : position + 1] == b'\xff' and position + 4 <= len(content):
        if content[position + 1] == 0xFF:  # a fill byte
            position += 1
            continue
        if content[position + 1] == 0xDA:  # start of scan
            return position
        position += 2 + int.from_bytes(content[position + 2 : position + 4], 'big')
    return min(position, len(content))


def check_size(content: bytes, path: str) -> None:
    """Make sure that the size in an image's header is one to take memory for.

    Args:
        content: The file's bytes; formats that Pillow does not know pass, for OpenCV's own limit.
        path: The file's name, for the error.

    Raises:
        SampleError: If the header announces more than ``MAX_PIXELS``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            width, height = Image.open(io.BytesIO(content)).size
    except Image.DecompressionBombError as error:
        raise SampleError(f'{path}: {error}') from error
    except Exception:  # no header, or one that OpenCV will refuse or read
        return
    if width * height > MAX_PIXELS:
        raise SampleError(
            f'{path}: found {height} x {width} (H x W) in the header, expected at most '
            f'{MAX_PIXELS} pixels'
        )


def read_depth(content: bytes, path: str) -> np.ndarray:
    """Decode a depth map, disparity map or mask as it is stored.

    Args:
        content: Bytes of an image file (PNG, TIFF, PGM, ...) or of a ``.npy`` or ``.npz`` file, the
            latter with one array or one named ``depth``.
        path: The file's name, for the error.

    Returns:
        The stored values: (H, W), integer or floating point.

    Raises:
        SampleError: If the file is damaged, or not one channel of numbers.
    """
    if content.startswith((b'\x93NUMPY', b'PK\x03\x04')):
        stored = _decode_numpy(content, path)
    else:
        stored = decode_image(content, path, cv2.IMREAD_UNCHANGED)
    if stored.ndim != 2 or stored.size == 0:
        raise SampleError(f'{path}: found shape {stored.shape}, expected one channel (H, W)')
    if stored.dtype.kind not in 'uif':
        raise SampleError(f'{path}: found dtype {stored.dtype}, expected numbers')
    return stored


def read_map(
    path: str, backend_args: dict | None, shape: tuple[int, int] | None, of: str
) -> np.ndarray:
    """Read a map that must have the size of another.

    Args:
        path: The file.
        backend_args: Arguments of MMEngine's file backend.
        shape: (H, W) expected; None for any.
        of: What has this size, for the error.

    Returns:
        (H, W), of the type that is stored.

    Raises:
        SampleError: As :func:`read_bytes` and :func:`read_depth`, or if the size is another.
    """
    place = storage.place_of(path, backend_args)
    stored = read_depth(read_bytes(path, backend_args), place)
    if shape is not None and stored.shape != tuple(shape[:2]):
        raise SampleError(
            f'{place}: found {stored.shape[0]} x {stored.shape[1]} (H x W), expected '
            f'{shape[0]} x {shape[1]} as {of}'
        )
    return stored


def decode_image(content: bytes, path: str, flags: int) -> np.ndarray:
    """Decode an image with OpenCV.

    Args:
        content: The file's bytes.
        path: The file's name, for the error.
        flags: OpenCV's ``IMREAD`` flags.

    Returns:
        The image as OpenCV returns it.

    Raises:
        SampleError: If the file is cut off or cannot be decoded.
    """
    check_complete(content, path)
    check_size(content, path)
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error as error:
        raise SampleError(f'{path}: cannot be decoded: {error}') from error
    if image is None:
        raise SampleError(
            f'{path}: cannot be decoded as an image: damaged, or a format that this build of '
            f'OpenCV does not read (first bytes {content[:8]!r})'
        )
    return image


def _decode_numpy(content: bytes, path: str) -> np.ndarray:
    try:
        if content.startswith(b'PK'):
            content = _unzip(content, path)
        _check_header(content, path)
        return np.load(io.BytesIO(content), allow_pickle=False)
    except SampleError:
        raise
    except Exception as error:  # damaged headers raise whatever their text runs into
        raise SampleError(f'{path}: cannot be decoded as a NumPy file: {error}') from error


def _unzip(content: bytes, path: str) -> bytes:
    """The ``.npy`` file named ``depth``, or the only one, of an ``.npz`` archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {member.filename.removesuffix('.npy'): member for member in archive.infolist()}
        if 'depth' not in members and len(members) != 1:
            names = sorted(members)
            raise SampleError(f"{path}: found arrays {names}, expected one, or one named 'depth'")
        member = members.get('depth') or next(iter(members.values()))
        if member.file_size > 8 * MAX_PIXELS:
            raise SampleError(f'{path}: {member.filename} would be {member.file_size} bytes')
        return archive.read(member)


def _check_header(content: bytes, path: str) -> None:
    """Whether the file is as long as its header says, before memory is taken for the array."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise SampleError(f'{path}: found version {version} of the NumPy format, expected 1 or 2')
    shape, _, dtype = read(stream)
    if dtype.hasobject:
        raise ValueError('it holds Python objects, expected numbers')
    size, found = int(np.prod(shape, dtype=object)) * dtype.itemsize, len(content) - stream.tell()
    if size != found:
        raise SampleError(
            f'{path}: found {found} bytes of data, expected {size} for shape {shape} of {dtype}'
        )
