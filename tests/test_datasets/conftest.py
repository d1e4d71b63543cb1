"""Small files on disk for the tests of the data sets."""

from pathlib import Path

import cv2
import numpy as np
import pytest

HEIGHT, WIDTH = 24, 32


@pytest.fixture
def image() -> np.ndarray:
    """(H, W, 3) uint8, smooth enough to survive JPEG."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([4 * x, 5 * y, 3 * (x + y)], axis=-1).astype(np.uint8)


@pytest.fixture
def millimetres() -> np.ndarray:
    """(H, W) uint16: 500 to 9,999 mm, the latter at the last pixel, a hole of zeros first."""
    rng = np.random.default_rng(0)
    depth = rng.integers(500, 10000, (HEIGHT, WIDTH)).astype(np.uint16)
    depth[:5, :7], depth[-1, -1] = 0, 9999
    return depth


@pytest.fixture
def write(tmp_path):
    """Write an array below tmp_path, in the format of its suffix; returns the path."""

    def _write(name: str, array: np.ndarray) -> str:
        path = Path(tmp_path, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == '.npy':
            np.save(path, array)
        else:
            path.write_bytes(cv2.imencode(path.suffix, array)[1].tobytes())
        return str(path)

    return _write
