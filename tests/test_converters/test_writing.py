"""Images and depth maps carry what was given."""

import cv2
import numpy as np
import pytest

from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.datasets.converters import writing


def test_depth_is_stored_in_rounded_millimetres(tmp_path):
    depth = np.array([[0, 0.0004, 0.0016, 1.2345], [65.535, 3, np.nan, 2]], np.float32)
    writing.write_depth(tmp_path / 'd.png', depth)
    stored = cv2.imread(str(tmp_path / 'd.png'), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    assert stored.tolist() == [[0, 0, 2, 1234], [65535, 3000, 0, 2000]]


def test_depth_beyond_16_bits_is_refused(tmp_path):
    with pytest.raises(SampleError, match='d.png.*70.000 m'):
        writing.write_depth(tmp_path / 'd.png', np.full((2, 2), 70.0))
    assert not list(tmp_path.iterdir())
