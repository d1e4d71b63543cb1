import numpy as np
import pytest
import torch
from mmengine.structures import PixelData

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.evaluation.protocol import Protocol
from depthdecomp_mm.structures import DepthDataSample

F32 = np.float32


def select(protocol, sample):
    return protocol.select(sample, 'pred_depth_map')


def test_range_is_strict_on_both_sides(make_sample):
    gt = np.array([[0, 1e-3, 0.002, 9.99, 10, 11, np.nan, np.inf]], F32)
    pixels = select(Protocol(), make_sample(gt, np.ones_like(gt)))
    assert pixels.gt.tolist() == gt[0, 2:4].tolist()


def test_mask_is_honoured_and_pixels_stay_together(make_sample):
    gt = np.arange(1, 7, dtype=F32).reshape(2, 3)
    mask = np.array([[1, 0, 1], [0, 0, 1]], bool)
    pixels = select(Protocol(), make_sample(gt, 2 * gt, mask))
    assert pixels.gt.tolist() == [1, 3, 6]
    assert pixels.pred.tolist() == [2, 6, 12]
    assert not pixels.relative


def test_relative_labels_have_no_upper_end(make_sample):
    gt = np.array([[0, 5e-4, 200, np.nan]], F32)
    pixels = select(Protocol(), make_sample(gt, np.ones_like(gt), label_type='relative'))
    assert pixels.gt.tolist() == gt[0, 1:3].tolist()
    assert pixels.relative


def test_nyu_crop_keeps_rows_45_to_470_and_columns_41_to_600(make_sample):
    rows, columns = np.mgrid[:480, :640]
    sample = make_sample(np.full((480, 640), 2, F32), rows.astype(F32))
    kept = select(Protocol(crop='nyu'), sample).pred
    assert (kept.min(), kept.max(), kept.size) == (45, 470, 426 * 560)
    sample = make_sample(np.full((480, 640), 2, F32), columns.astype(F32))
    kept = select(Protocol(crop='nyu'), sample).pred
    assert (kept.min(), kept.max()) == (41, 600)


def kitti_crop_by_hand(crop, height, width):
    """In whole numbers: no rounding of products of floats, and the figures of the scripts."""
    top, bottom = dict(garg=(40810811, 99189189), eigen=(33243240, 91351351))[crop]
    left = dict(garg=3594771, eigen=3594770)[crop]
    unit = 10**8
    rows = [y for y in range(height) if top * height // unit <= y < bottom * height // unit]
    columns = [x for x in range(width) if left * width // unit <= x < 96405229 * width // unit]
    return rows[0], rows[-1], columns[0], columns[-1]


@pytest.mark.parametrize('size', [(375, 1242), (352, 1216), (376, 1241), (370, 1226), (480, 640)])
@pytest.mark.parametrize('crop', ['garg', 'eigen'])
def test_crops_of_kitti(make_sample, crop, size):
    rows, columns = (grid.astype(F32) for grid in np.mgrid[: size[0], : size[1]])
    found = []
    for grid in (rows, columns):
        kept = select(Protocol(crop=crop), make_sample(np.ones(size, F32), grid)).pred
        found += [int(kept.min()), int(kept.max())]
    assert tuple(found) == kitti_crop_by_hand(crop, *size)
    assert f'crop {crop}' in str(Protocol(crop=crop))


def test_garg_crop_of_the_frame_it_was_made_for(make_sample):
    """370 x 1224, where it is said to leave out the last 3 or 4 and all above the last 219 rows."""
    rows = np.mgrid[:370, :1224][0].astype(F32)
    kept = select(Protocol(crop='garg'), make_sample(np.ones((370, 1224), F32), rows)).pred
    assert (kept.min(), kept.max() + 1) == (370 - 219, 370 - 4)


def test_explicit_crop_excludes_its_far_ends(make_sample):
    gt = np.arange(1, 10, dtype=F32).reshape(3, 3)
    assert select(Protocol(crop=(1, 3, 0, 2)), make_sample(gt, gt)).gt.tolist() == [4, 5, 7, 8]


@pytest.mark.parametrize('crop', ['nyu', (0, 3, 0, 2), [0, 2, 0, 3]])
def test_crop_that_does_not_fit_names_the_file(make_sample, crop):
    sample = make_sample(np.ones((2, 2), F32), np.ones((2, 2), F32), img_path='a/b.jpg')
    with pytest.raises(SampleError, match=r'a/b\.jpg.*crop'):
        select(Protocol(crop=crop), sample)


@pytest.mark.parametrize(
    'arguments',
    [
        dict(crop='kitti'),
        dict(crop=(0, 5, 3)),
        dict(crop=(5, 5, 0, 2)),
        dict(crop=(-1, 5, 0, 2)),
        dict(min_depth=0),
        dict(min_depth=2, max_depth=1),
    ],
)
def test_senseless_protocols_are_refused(arguments):
    with pytest.raises(ValueError, match='expected|crop must be'):
        Protocol(**arguments)


@pytest.mark.parametrize(
    'wrap',
    [
        lambda array: array,
        lambda array: array[None],
        lambda array: torch.from_numpy(array),
        lambda array: torch.from_numpy(array)[None],
        lambda array: dict(data=array),
        lambda array: PixelData(data=torch.from_numpy(array)),
    ],
)
def test_host_containers_are_read_alike(wrap):
    gt = np.array([[1, 2, 0], [3, np.nan, 4]], F32)
    sample = dict(gt_depth_map=wrap(gt), pred_depth_map=wrap(np.ones_like(gt)))
    assert select(Protocol(), sample).gt.tolist() == [1, 2, 3, 4]


def test_data_sample_as_the_evaluator_passes_it():
    sample = DepthDataSample(metainfo=dict(img_path='x.png', label_type='relative'))
    sample.gt_depth_map = PixelData(data=torch.tensor([[[1.0, 0, 3]]]))
    sample.pred_depth_map = PixelData(data=torch.tensor([[[5.0, 6, 7]]]))
    pixels = select(Protocol(), sample.to_dict())
    assert (pixels.pred.tolist(), pixels.relative, pixels.name) == ([5, 7], True, 'x.png')


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(pred=np.ones((3, 2), F32)), r'pred_depth_map has size \(3, 2\)'),
        (dict(mask=np.ones((1, 2), bool)), r'gt_valid_mask has size \(1, 2\)'),
        (dict(pred=np.array([[1, np.nan], [1, 1]], F32)), 'pred_depth_map holds NaN'),
        (dict(pred=None), 'pred_depth_map is absent'),
        (dict(label_type='metre'), "expected label_type .*'metre'"),
        (dict(gt=np.ones((2, 2, 2), F32)), r'gt_depth_map has shape \(2, 2, 2\)'),
    ],
)
def test_unfit_samples_are_refused_by_name(make_sample, change, message):
    if 'gt' in change:
        sample = dict(
            make_sample(np.ones((2, 2), F32)), gt_depth_map=change['gt'], img_path='q.png'
        )
    else:
        good = dict(gt=np.ones((2, 2), F32), pred=np.ones((2, 2), F32), img_path='q.png')
        sample = make_sample(**{**good, **change})
    with pytest.raises(SampleError, match=rf'q\.png: {message}'):
        select(Protocol(), sample)
