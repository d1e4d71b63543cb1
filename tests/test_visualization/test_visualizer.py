from types import SimpleNamespace

import cv2
import mmcv
import numpy as np
import pytest
import torch
from mmengine.structures import PixelData

from depthdecomp_mm.registry import VISUALIZERS
from depthdecomp_mm.visualization import DepthVisualizer
from depthdecomp_mm.visualization import visualizer as module
from depthdecomp_mm.visualization.colormap import INVALID_COLOR


@pytest.fixture
def visualizer():
    return DepthVisualizer('test')


@pytest.fixture
def tiles(monkeypatch):
    """Tiles of the last panel, by title."""
    seen = SimpleNamespace(by_title={})
    draw = module.draw_panel

    def spy(drawn):
        seen.by_title = {tile.title: tile for tile in drawn}
        return draw(drawn)

    monkeypatch.setattr(module, 'draw_panel', spy)
    return seen


def test_registered():
    built = VISUALIZERS.build(
        dict(type='depthdecomp_mm.DepthVisualizer', name='built', cmap='viridis')
    )
    assert isinstance(built, DepthVisualizer) and built.cmap == 'viridis'


def test_metric_sample_has_four_tiles_with_one_range(visualizer, tiles, scene, make_data_sample):
    image, gt = scene
    pred = np.maximum(gt, 1) + 0.5
    visualizer.draw(image, make_data_sample(gt_depth_map=gt, pred_depth_map=pred))
    assert list(tiles.by_title) == ['Image', 'Ground truth', 'Prediction', 'Absolute error']
    truth, prediction, error = list(tiles.by_title.values())[1:]
    assert truth.bar == prediction.bar
    limits = np.percentile(gt[40:], 2), np.percentile(pred, 98)
    assert (truth.bar.vmin, truth.bar.vmax) == pytest.approx(limits)
    assert (truth.bar.unit, error.bar.unit) == ('m', 'm')
    assert error.bar.vmin == 0
    assert error.note == f'RMSE 0.500 m   REL {(0.5 / gt[40:]).mean():.3f}'
    assert (truth.image[:40] == INVALID_COLOR).all() and (error.image[:40] == INVALID_COLOR).all()
    assert not (prediction.image[:40] == INVALID_COLOR).all(axis=2).any()
    # The same depth has the same colour in both.
    assert (truth.image[100, 320] == prediction.image[100, 240]).all()


@pytest.mark.parametrize('near, far', [((1, 2), (6, 9)), ((6, 9), (1, 2)), ((1, 5), (1, 9))])
def test_both_maps_show_their_structure_however_far_apart(
    visualizer, tiles, make_data_sample, near, far
):
    image = np.zeros((48, 640, 3), np.uint8)
    ramps = [np.tile(np.linspace(*ends, 640, dtype=np.float32), (48, 1)) for ends in (near, far)]
    visualizer.draw(image, make_data_sample(gt_depth_map=ramps[0], pred_depth_map=ramps[1]))
    for title, ramp in zip(('Ground truth', 'Prediction'), ramps, strict=True):
        tile = tiles.by_title[title]
        beyond = (ramp < tile.bar.vmin) | (ramp > tile.bar.vmax)
        assert beyond.mean() < 0.05
        assert tile.image.sum(axis=2).min() > 100  # no black
        assert len(np.unique(tile.image[0], axis=0)) > 25


def test_invalid_mask_is_grey(visualizer, tiles, scene, make_data_sample):
    image, gt = scene
    mask = np.ones(gt.shape, dtype=bool)
    mask[:, :100] = False
    visualizer.draw(image, make_data_sample(gt_depth_map=gt, gt_valid_mask=mask))
    assert list(tiles.by_title) == ['Image', 'Ground truth']
    grey = (tiles.by_title['Ground truth'].image == INVALID_COLOR).all(axis=2)
    assert (grey == ~(mask & (gt > 0))).all()


@pytest.mark.parametrize('flags', [dict(draw_gt=False), dict(draw_pred=False)])
def test_flags_leave_tiles_out(visualizer, tiles, scene, make_data_sample, flags):
    image, gt = scene
    visualizer.draw(image, make_data_sample(gt_depth_map=gt, pred_depth_map=gt + 1), **flags)
    left = 'Prediction' if 'draw_gt' in flags else 'Ground truth'
    assert list(tiles.by_title) == ['Image', left]
    if left == 'Prediction':
        bar = tiles.by_title[left].bar
        assert (bar.vmin, bar.vmax) == pytest.approx(np.percentile(gt + 1, (2, 98)))


def test_relative_label_is_compared_as_z_scores(visualizer, tiles, scene, make_data_sample):
    image, depth = scene
    disparity = np.where(depth > 0, 60 / np.maximum(depth, 1), 0).astype(np.float32)
    valid = disparity[disparity > 0]
    scores = ((disparity - valid.mean()) / valid.std()).astype(np.float32)
    sample = make_data_sample(
        gt_depth_map=disparity, pred_normalized_map=scores + 0.25, label_type='relative'
    )
    visualizer.draw(image, sample)
    truth, prediction, error = list(tiles.by_title.values())[1:]
    assert truth.title == 'Ground truth, normalized'
    assert truth.bar == prediction.bar
    assert {truth.bar.unit, error.bar.unit} == {'unitless'}
    assert error.note == 'RMSE 0.250'
    # Near is bright, as it is for depth.
    assert truth.image[100, 0].sum() > truth.image[100, -1].sum()


@pytest.mark.parametrize('representation', ['inverse', 'depth'])
def test_the_decomposition_is_drawn_beside_depth(
    visualizer, tiles, scene, make_data_sample, representation
):
    image, depth = scene
    depth[:40] = depth[40]
    code = 1 / (depth + 1) if representation == 'inverse' else depth
    normalized = ((code - code.mean()) / code.std()).astype(np.float32)
    mean = float(code.mean())
    sample = make_data_sample(
        pred_depth_map=depth, pred_normalized_map=normalized, representation=representation,
        pred_mean=mean,
    )  # fmt: skip
    gradients = np.stack([np.diff(normalized[::2], axis=1)[:, ::2], np.zeros((240, 320))])
    sample.pred_gradient_maps = PixelData(data=torch.from_numpy(gradients))
    visualizer.draw(image, sample)
    titles = ['Image', 'Prediction', 'Normalised map N', 'Gradient Gx', 'Gradient Gy']
    assert list(tiles.by_title) == titles
    _, prediction, scores, gx, gy = tiles.by_title.values()
    inverse = f'mean of 1/(d+1): {mean:.3f} ({1 / mean - 1:.3f} m)'
    assert prediction.note == (inverse if representation == 'inverse' else f'mean: {mean:.3f} m')
    # near, at the left, is bright
    assert prediction.image[100, 0].sum() > 500 > 200 > prediction.image[100, -1].sum()
    assert scores.image[100, 0].sum() > 500 > 200 > scores.image[100, -1].sum()
    assert gx.bar == gy.bar and gx.bar.vmin == -gx.bar.vmax and scores.bar.unit == 'unitless'
    assert (gy.image > 240).all()  # nothing changes downwards
    colour = 'blue' if representation == 'inverse' else 'red'
    red, _, blue = gx.image[100, 10].astype(int)
    assert (blue > red) == (colour == 'blue')
    visualizer.draw(image, sample, draw_pred=False)
    assert list(tiles.by_title) == ['Image']


def test_different_quantities_are_drawn_without_error(visualizer, tiles, scene, make_data_sample):
    image, depth = scene
    for fields in (
        dict(gt_depth_map=depth, pred_normalized_map=-depth),
        dict(gt_depth_map=depth, pred_depth_map=depth, label_type='relative'),
        dict(gt_depth_map=depth, pred_normalized_map=depth, label_type='relative')
        | dict(representation='depth'),
    ):
        visualizer.draw(image, make_data_sample(**fields))
        titles = list(tiles.by_title)
        assert len(titles) == 3
        assert titles[1].startswith('Ground truth') and titles[2].startswith('Prediction')


def test_nothing_measured_colors_by_the_prediction(visualizer, tiles, scene, make_data_sample):
    image, depth = scene
    pred = depth + 1
    visualizer.draw(image, make_data_sample(gt_depth_map=0 * depth, pred_depth_map=pred))
    assert list(tiles.by_title) == ['Image', 'Ground truth', 'Prediction']
    assert tiles.by_title['Ground truth'].bar is None
    bar = tiles.by_title['Prediction'].bar
    assert (bar.vmin, bar.vmax) == pytest.approx(np.percentile(pred, (2, 98)))


@pytest.mark.parametrize('gt_size', [(160, 120), (320, 240)])
def test_sizes_may_differ(visualizer, tiles, scene, make_data_sample, gt_size):
    image, depth = scene
    depth[:40] = depth[40]
    small = cv2.resize(depth, gt_size, interpolation=cv2.INTER_AREA)
    panel = visualizer.draw(image, make_data_sample(gt_depth_map=small, pred_depth_map=depth))
    assert (
        panel.shape
        == visualizer.draw(image, make_data_sample(gt_depth_map=depth, pred_depth_map=depth)).shape
    )
    assert tiles.by_title['Absolute error'].note.startswith('RMSE 0.000 m')


@pytest.mark.parametrize(
    'image',
    [np.zeros((4, 5), np.uint8), np.zeros((4, 5, 3), np.float32), np.zeros((3, 4, 5), np.uint8)],
)
def test_other_images_are_refused(visualizer, image):
    with pytest.raises(ValueError, match='uint8 RGB'):
        visualizer.draw(image)


def test_file_and_backend_get_the_panel(tmp_path, scene, make_data_sample):
    image, gt = scene
    visualizer = DepthVisualizer(
        'files', vis_backends=[dict(type='LocalVisBackend')], save_dir=str(tmp_path)
    )
    sample = make_data_sample(gt_depth_map=gt, pred_depth_map=gt)
    out_file = tmp_path / 'new' / 'panel.png'
    visualizer.add_datasample('frame', image, sample, out_file=str(out_file), step=7)
    panel = visualizer.draw(image, sample)
    backend_file = tmp_path / 'vis_data' / 'vis_image' / 'frame_7.png'
    for file in (out_file, backend_file):
        assert (mmcv.imread(str(file), channel_order='rgb') == panel).all()


def test_real_frame_is_drawn(visualizer, tiles, real_rgbd, make_data_sample):
    image = mmcv.imread(str(real_rgbd / 'nyu_sync' / 'rgb_00000.jpg'), channel_order='rgb')
    path = str(real_rgbd / 'nyu_sync' / 'sync_depth_00000.png')
    gt = cv2.imread(path, cv2.IMREAD_UNCHANGED).astype(np.float32) / 1000
    visualizer.draw(image, make_data_sample(gt_depth_map=gt, pred_depth_map=1.1 * gt + 1e-3))
    grey = (tiles.by_title['Ground truth'].image == INVALID_COLOR).all(axis=2)
    assert (grey == (gt == 0)).all()
    assert tiles.by_title['Absolute error'].note.endswith('REL 0.100')
