"""Panels of what the losses compare with."""

import numpy as np
import pytest
import torch

from depthdecomp_mm.decomposition import DepthCodec, decompose
from depthdecomp_mm.visualization import targets as module
from depthdecomp_mm.visualization.colormap import INVALID_COLOR

DECOMPOSITION = ['Normalised map N', 'Gradient Gx', 'Gradient Gy']


@pytest.fixture
def tiles(monkeypatch):
    """Draw a ramp of depth and return the tiles by their titles."""

    def draw(relative=False, representation='inverse', valid=True, mean_is_known=True):
        depth = torch.linspace(1, 4, 24).repeat(12, 1)[None, None]
        mask = torch.full_like(depth, valid, dtype=torch.bool)
        mask[..., :2] = False
        code = depth if relative else DepthCodec(representation).encode(depth)
        parts = decompose(code, mask)
        targets = dict(
            gradients=(parts.gradients, parts.gradients_mask),
            normalized=(parts.normalized, parts.normalized_mask),
            metric=(code, mask & (not relative)),
            mean=(parts.mean, parts.mean_mask & mean_is_known),
        )
        drawn = []
        original = module.draw_panel
        monkeypatch.setattr(module, 'draw_panel', lambda t: drawn.extend(t) or original(t))
        image = np.zeros((12, 24, 3), np.uint8)
        panel = module.draw_targets(
            image, depth[0, 0].numpy(), mask[0, 0].numpy(), targets, relative, representation
        )
        assert panel.dtype == np.uint8 and panel.ndim == 3
        return {tile.title: tile for tile in drawn}, parts

    return draw


@pytest.mark.parametrize('representation', ['inverse', 'depth'])
def test_metric_samples_show_the_code_and_its_mean(tiles, representation):
    found, parts = tiles(representation=representation)
    assert list(found) == ['Image', 'Depth', 'Valid mask', 'm', *DECOMPOSITION]
    mean = parts.mean.item()
    metres = 1 / mean - 1 if representation == 'inverse' else mean
    assert f'mean {mean:.3f}' in found['m'].note and f'{metres:.3f}' in found['m'].note
    # near, at the left, is bright in the depth, in its code and in N alike
    for title in ('Depth', 'm', 'Normalised map N'):
        image = found[title].image.astype(int)
        assert image[5, 2].sum() > image[5, -1].sum()
        assert (image[:, :2] == INVALID_COLOR).all()


def test_a_mean_that_is_not_known_is_not_shown(tiles):
    found, _ = tiles(mean_is_known=False)
    assert 'mean' not in found['m'].note


def test_relative_samples_show_disparity_without_a_code(tiles):
    found, _ = tiles(relative=True)
    assert list(found) == ['Image', 'Disparity', 'Valid mask', *DECOMPOSITION]
    image = found['Disparity'].image.astype(int)
    assert image[5, 2].sum() < image[5, -1].sum()


def test_gradients_are_white_at_zero(tiles):
    found, _ = tiles()
    assert (found['Gradient Gy'].image[5, 5] > 240).all()
    assert found['Gradient Gx'].bar.vmin == -found['Gradient Gx'].bar.vmax


@pytest.mark.parametrize('relative', [False, True])
def test_nothing_valid_is_drawn_grey(tiles, relative):
    found, _ = tiles(relative=relative, valid=False)
    assert found['Normalised map N'].note == 'none valid'
    assert (found['Normalised map N'].image == INVALID_COLOR).all()
