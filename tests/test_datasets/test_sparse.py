"""From scattered measurements, with or without a relative map, to what each branch learns."""

from functools import cache

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

from depthdecomp_mm.datasets import CustomDepthDataset, SampleError
from depthdecomp_mm.datasets.converters.packing import files_of
from depthdecomp_mm.decomposition import DepthCodec, decompose
from tests.builders import light_model
from tests.mini_sets import millimetres, scene, write_image

SIZE = (48, 64)
LOAD = [
    dict(type='depthdecomp_mm.LoadImageFromFile'),
    dict(type='depthdecomp_mm.LoadDepthAnnotation'),
]
PIPELINE = [
    *LOAD,
    dict(type='depthdecomp_mm.Resize', scale=(48, 32)),
    dict(type='depthdecomp_mm.RandomFlip', prob=1.0),
    dict(type='depthdecomp_mm.PackDepthInputs'),
]

MODEL = cache(light_model)


@pytest.fixture
def root(tmp_path):
    """Two frames with 20 points of depth each, and relative maps of 16 bits."""
    lines = []
    for i in range(2):
        image, depth = scene(i, SIZE)
        write_image(tmp_path / f'color/{i}.jpg', image)
        code = 1 / (depth + 1)
        write_image(tmp_path / f'relative/{i}.png', np.rint(60000 * code).astype(np.uint16))
        kept = np.zeros(SIZE, bool)
        kept.flat[np.random.default_rng(i).choice(kept.size, 20, replace=False)] = True
        write_image(tmp_path / f'depth/{i}.png', millimetres(depth * kept))
        lines.append(f'{i}.jpg {i}.png\n')
    (tmp_path / 'list.txt').write_text(''.join(lines))
    return tmp_path


def dataset(root, relative=True, pipeline=PIPELINE, folders=False, **kwargs):
    prefix = dict(img_path='color', depth_map_path='depth')
    if relative:
        prefix['relative_map_path'] = 'relative'
    arguments = dict(sparse=True, depth_scale=1000, max_depth=10.0) | kwargs
    return CustomDepthDataset(
        '' if folders else 'list.txt',
        prefix,
        data_root=str(root),
        pipeline=pipeline,
        **arguments,
    )


def targets(*items):
    """What the network learns from items of data sets, as it gets them."""
    model = MODEL()
    batch = model.data_preprocessor(pseudo_collate(list(items)), True)
    return model.targets(batch['data_samples'], (16, 24))


@pytest.mark.parametrize('folders', [False, True])
def test_a_relative_map_becomes_metric(root, folders):
    for i, sample in enumerate(dataset(root, pipeline=LOAD, folders=folders)):
        truth = scene(i, SIZE)[1]
        np.testing.assert_allclose(sample['gt_dense_map'], truth, rtol=2e-3)
        assert sample['gt_valid_mask'].sum() == 20


@pytest.mark.parametrize('path', ['../own/color/0.jpg', '{root}/own/color/0.jpg'])
def test_lists_that_lead_elsewhere(tmp_path, path):
    lists = tmp_path / 'lists'
    lists.mkdir()
    path = path.format(root=tmp_path)
    (lists / 'list.txt').write_text(f'{path} ../own/depth/0.png')
    made = CustomDepthDataset(
        'list.txt', dict(relative_map_path='relative'), data_root=str(lists), depth_scale=1000
    )
    found = made[0]['relative_map_path']
    inside = path.removeprefix('../').lstrip('/').replace('.jpg', '.png')
    assert found == f'{lists}/relative/{inside}'


def test_databases_hold_the_relative_maps(root):
    prefix = dict(img_path='color', depth_map_path='depth', relative_map_path='relative')
    config = dict(type='CustomDepthDataset', ann_file='list.txt', data_prefix=prefix)
    _, files = files_of(dict(config, data_root=str(root), depth_scale=1000))
    assert {f'{root}/relative/{i}.png' for i in range(2)} < set(files)


def test_batches_of_several_sizes_are_padded(root):
    larger = [dict(step, scale=(64, 40)) if 'scale' in step else step for step in PIPELINE]
    items = [dataset(root)[0], dataset(root, pipeline=larger)[0]]
    model = MODEL()
    small, large = model.data_preprocessor(pseudo_collate(items), True)['data_samples']
    assert small.gt_dense_map.shape == large.gt_dense_map.shape == (40, 64)
    assert (small.gt_dense_map.data[:, 32:] == 0).all()
    alone = targets(items[0])['mean'][0]
    together = model.targets([small, large], (20, 32))['mean'][0]
    torch.testing.assert_close(together[:1], alone)


def test_masks_of_relative_maps(root):
    for i in range(2):
        mask = np.full(SIZE, 255, np.uint8)
        mask[:, :5] = 0
        write_image(root / f'masks/{i}.png', mask)
    prefix = dict(img_path='color', depth_map_path='depth', relative_map_path='relative')
    made = CustomDepthDataset(
        'list.txt',
        prefix | dict(relative_mask_path='masks'),
        data_root=str(root),
        depth_scale=1000,
        pipeline=LOAD,
    )
    dense = made[0]['gt_dense_map']
    assert (dense[:, :5] == 0).all() and (dense[:, 5:] > 0).all()


def test_what_is_out_of_range_is_not_known(root):
    near = dataset(root, pipeline=LOAD, max_depth=5.0)[0]['gt_dense_map']
    far = scene(0, SIZE)[1] > 5.0
    assert (near[far] == 0).mean() > 0.99 and (near[~far] > 0).mean() > 0.99


def test_shape_from_the_dense_map_and_depth_from_the_points(root):
    item = dataset(root)[0]
    sample, found, encode = item['data_samples'], targets(item), DepthCodec().encode
    dense = sample.gt_dense_map.data[None, :, ::2, ::2]
    whole = decompose(encode(dense), dense > 0)
    assert whole.gradients_mask.float().mean() > 0.9
    for name in ('gradients', 'normalized', 'mean'):
        assert torch.equal(found[name][1], getattr(whole, f'{name}_mask')), name
        torch.testing.assert_close(found[name][0], getattr(whole, name))
    points = sample.gt_depth_map.data.where(sample.gt_valid_mask.data, torch.inf)
    nearest = points.unfold(1, 2, 2).unfold(2, 2, 2).amin((-2, -1))[None]
    metric, mask = found['metric']
    assert 15 <= mask.sum() <= 20 and torch.equal(mask, nearest.isfinite())
    torch.testing.assert_close(metric[mask], encode(nearest[mask]))


def test_without_a_map_only_m_learns(root):
    found = targets(dataset(root, relative=False)[0])
    assert {name for name, (_, mask) in found.items() if mask.any()} == {'metric'}


def test_no_point_is_lost_on_its_way_to_the_network(root):
    """Nearest neighbour would keep one of eight here."""
    sparse = dataset(root, relative=False)
    assert all(targets(item)['metric'][1].sum() >= 15 for item in sparse)
    dense = dataset(root, relative=False, sparse=False)
    assert all(targets(item)['metric'][1].sum() < 15 for item in dense)


def test_samples_of_all_kinds_in_one_batch(root):
    kinds = [
        dataset(root)[0],
        dataset(root, relative=False)[0],
        dataset(root, relative=False, sparse=False)[0],
    ]
    together = targets(*kinds)
    for i, item in enumerate(kinds):
        for name, pair in targets(item).items():
            for alone, found in zip(pair, together[name], strict=True):
                assert torch.equal(alone[0], found[i]), (i, name)
    assert [bool(mask.any()) for mask in together['mean'][1]] == [True, False, True]


def test_a_network_learns_from_them(root):
    model = light_model().train()
    items = [dataset(root)[0], dataset(root, relative=False)[1]]
    batch = model.data_preprocessor(pseudo_collate(items), True)
    losses = model(batch['inputs'], batch['data_samples'], mode='loss')
    total, _ = model.parse_losses(losses)
    total.backward()
    # scattered points have no neighbours to compare
    assert {name for name, loss in losses.items() if loss == 0} <= {'loss_m_grad'}
    assert all(loss.isfinite() for loss in losses.values())
    assert all(p.grad.isfinite().all() for p in model.parameters())


def spoil(root):
    """Relative maps that are larger where they are farther."""
    for i in range(2):
        write_image(root / f'relative/{i}.png', millimetres(scene(i, SIZE)[1]))


def test_failures_of_all_workers_are_counted(root):
    spoil(root)
    bad = dataset(root)
    for _ in range(2):
        list(DataLoader(bad, num_workers=2, collate_fn=pseudo_collate))
    assert bad.pipeline.transforms[1].fitter.failures.total == 4


def test_a_map_that_does_not_fit_leaves_the_sample_without(root, caplog):
    spoil(root)
    bad = dataset(root)
    with caplog.at_level('WARNING'):
        items = [bad[0], bad[1], bad[0]]
    for item in items:
        assert 'gt_dense_map' not in item['data_samples']
        masks = {name: mask.any() for name, (_, mask) in targets(item).items()}
        assert [name for name, learns in masks.items() if learns] == ['metric']
    assert bad.pipeline.transforms[1].fitter.failures.total == 3


def test_a_dense_set_may_have_relative_maps_for_its_holes(root):
    found = targets(dataset(root, sparse=False)[0])
    assert found['gradients'][1].float().mean() > 0.9
    bad = dataset(root, sparse=False, max_depth=0.01, relative=False)
    assert not targets(bad[0])['mean'][1].any()


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(label_type='relative', max_depth=None), 'of metric labels'),
        (dict(relative_encoding='depth'), "relative_encoding is 'depth'"),
    ],
)
def test_contradictions_are_refused(root, arguments, message):
    with pytest.raises(ValueError, match=message):
        dataset(root, **arguments)


def test_an_image_is_not_its_own_relative_map(root):
    prefix = dict(img_path='color', depth_map_path='depth', relative_map_path='color')
    arguments = dict(data_root=str(root), depth_scale=1000, relative_map_suffix='.jpg')
    with pytest.raises(SampleError, match='its own relative map'):
        CustomDepthDataset('list.txt', prefix, **arguments)
    with pytest.raises(ValueError, match='img_path and relative_map_path have the same folder'):
        CustomDepthDataset('', prefix, **arguments)


@pytest.mark.parametrize('size', [(32, 48), (47, 65)])
def test_a_relative_map_of_another_size_is_named(root, size):
    write_image(root / 'relative/0.png', np.ones(size, np.uint16))
    with pytest.raises(SampleError, match='relative/0.png: found .* as the depth map'):
        dataset(root)[0]
