"""Ground truth at the network's output resolution."""

import cv2
import pytest
import torch

from depthdecomp_mm.datasets.fill_depth import fill_depth
from depthdecomp_mm.models.layers import resize
from depthdecomp_mm.models.target_resizing import METHODS, bilinear, nearest
from tests.builders import images, light_model, sample


def ramp(height=48, width=64):
    """A plane that is slanted in both directions, all of it valid."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing='ij')
    depth = (1 + 0.01 * x + 0.02 * y)[None, None].float()
    return depth, torch.ones_like(depth, dtype=torch.bool)


def error(method, depth, valid, size):
    """Root mean square error of targets that are resized as predictions are."""
    return (resize(method(depth, valid, size)[0], depth.shape[-2:]) - depth).square().mean().sqrt()


def test_a_plane_survives_with_aligned_corners_only():
    depth, valid = ramp()
    assert error(bilinear, depth, valid, (24, 32)) < 1e-5
    assert error(nearest, depth, valid, (24, 32)) > 1e-2


def test_a_hole_makes_no_depth():
    depth, valid = ramp()
    valid[..., 20:30, 10:30] = False
    depth[~valid] = 0
    found, mask = bilinear(depth, valid, (24, 32))
    expected, _ = bilinear(*ramp(), (24, 32))
    assert 0.7 < mask.float().mean() < 1
    assert torch.allclose(found[mask], expected[mask]) and found[~mask].eq(0).all()
    # every target whose four pixels are measured is valid
    y, x = torch.linspace(0, 47, 24), torch.linspace(0, 63, 32)
    for i, row in enumerate(y):
        for j, column in enumerate(x):
            rows, columns = ([s.floor().int(), s.ceil().int()] for s in (row, column))
            whole = all(valid[0, 0, r, c] for r in rows for c in columns)
            assert mask[0, 0, i, j] or not whole


@pytest.mark.parametrize('method', METHODS)
def test_the_model_learns_from_either(method):
    model = light_model(target_resizing=method).train()
    samples = [sample(), sample(label_type='relative', seed=1)]
    targets = model.targets(samples, (48, 64))
    depth = torch.stack([s.gt_depth_map.data for s in samples])
    valid = torch.stack([s.gt_valid_mask.data for s in samples])
    expected, mask = METHODS[method](depth, valid, (48, 64))
    assert torch.equal(targets['metric'][1][0], mask[0])
    assert torch.allclose(targets['metric'][0][0], 1 / (expected[0] + 1))
    assert all(loss.isfinite() for loss in model(images(), samples, mode='loss').values())


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="target_resizing is 'cubic', expected one of"):
        light_model(target_resizing='cubic')


def test_real_frames(real_rgbd):
    """One of the three frames of the model's docstring: bilinear targets are closer by a tenth."""
    image = cv2.imread(str(real_rgbd / 'nyu_sync/rgb_00000.jpg'))
    raw = cv2.imread(str(real_rgbd / 'nyu_sync/sync_depth_00000.png'), -1) / 1000
    filled = fill_depth(raw, image).astype('float32')
    small = cv2.resize(filled, (512, 384), interpolation=cv2.INTER_NEAREST_EXACT)
    truth, small = (torch.from_numpy(a)[None, None] for a in (raw[45:471, 41:601], small))
    valid, errors = truth > 0, {}
    for name, method in METHODS.items():
        targets, _ = method(small, small > 0, (192, 256))
        found = resize(targets, (480, 640))[..., 45:471, 41:601]
        errors[name] = (found - truth)[valid].square().mean().sqrt().item()
    assert errors['bilinear'] < 0.9 * errors['nearest']
