import cv2
import numpy as np
import pytest
import torch
from mmengine.logging import MMLogger


@pytest.fixture
def make_sample():
    """Build a sample as MMEngine's evaluator hands it over: nested dicts of (1, H, W) tensors."""

    def make(gt, pred=None, mask=None, normalized=None, **meta):
        fields = dict(
            gt_depth_map=gt, pred_depth_map=pred, gt_valid_mask=mask, pred_normalized_map=normalized
        )
        sample = {
            key: dict(data=torch.from_numpy(np.asarray(array))[None])
            for key, array in fields.items()
            if array is not None
        }
        return dict(sample, **meta)

    return make


@pytest.fixture
def log(monkeypatch):
    """Text that the metrics log."""
    lines = []
    monkeypatch.setattr(
        MMLogger.get_current_instance(),
        'handle',
        lambda record: lines.append(f'{record.levelname}: {record.getMessage()}'),
    )
    return lines


@pytest.fixture
def real_frames(real_rgbd):
    """Five real frames: measured depth in metres, and a prediction with smooth errors."""
    paths = sorted(real_rgbd.glob('redwood/depth/*.png'))
    assert len(paths) == 5
    return frames(paths)


@pytest.fixture(scope='module')
def scene_frames(real_scenes):
    """The same of frames of several places and sensors, with their focal lengths, pixels."""
    lines = (real_scenes / 'test.txt').read_text().splitlines()
    places = {line.split('/')[0]: line.split() for line in lines if len(line.split()) == 3}
    lines = list(places.values())[::3]
    assert len(lines) >= 5
    found = frames([real_scenes / line[1] for line in lines])
    return [(*frame, float(line[2])) for frame, line in zip(found, lines, strict=True)]


def frames(paths):
    """Depth of 16-bit millimetres in metres, and a prediction with smooth errors."""
    rng = np.random.default_rng(0)
    found = []
    for path in paths:
        gt = cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32) / 1000
        noise = cv2.GaussianBlur(rng.normal(size=gt.shape), (0, 0), 12)
        error = 0.075 * noise / noise.std()
        found.append((gt, (np.where(gt > 0, gt, 2) * np.exp(error)).astype(np.float32)))
    return found
