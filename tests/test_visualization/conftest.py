import numpy as np
import pytest
import torch
from mmengine.structures import PixelData

from depthdecomp_mm.structures import DepthDataSample


@pytest.fixture
def make_data_sample():
    """Build a data sample out of (H, W) arrays, by field name; other arguments are meta."""

    def make(**fields):
        sample = DepthDataSample()
        for key, value in fields.items():
            if isinstance(value, np.ndarray):
                sample.set_field(PixelData(data=torch.from_numpy(value.copy())[None]), key)
            else:
                sample.set_metainfo({key: value})
        return sample

    return make


@pytest.fixture
def scene():
    """An image (480, 640) and a ramp of depth from 1 to 5 m, unmeasured in the top 40 rows."""
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    depth = np.tile(np.linspace(1, 5, 640, dtype=np.float32), (480, 1))
    depth[:40] = 0
    return image, depth
