from pathlib import Path

import numpy as np
import pytest
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope

from depthdecomp_mm.datasets import (
    BaseDepthDataset,
    ConcatDataset,
    CustomDepthDataset,
    HRWSIDataset,
    NYUDataset,
    SampleError,
)
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.evaluation import DepthMetric
from depthdecomp_mm.registry import DATASETS

KEYS = {
    'img_path',
    'depth_map_path',
    'valid_mask_path',
    'depth_scale',
    'depth_encoding',
    'label_type',
    'min_depth',
    'max_depth',
    'focal',
    'relative_encoding',
    'sample_idx',
    'sparse',
}
LOAD = [
    dict(type='depthdecomp_mm.LoadImageFromFile'),
    dict(type='depthdecomp_mm.LoadDepthAnnotation'),
    dict(type='depthdecomp_mm.PackDepthInputs'),
]


@pytest.fixture
def folders(tmp_path, write, image, millimetres):
    """Three pairs in `rgb/` and `depth/`, one of them two folders deep."""
    for stem in ('b', 'a', 'x. y/z 1/c'):
        write(f'rgb/{stem}.jpg', image)
        write(f'depth/{stem}.png', millimetres)
    return dict(data_root=str(tmp_path), data_prefix=dict(img_path='rgb', depth_map_path='depth'))


@pytest.mark.parametrize('serialize_data', [True, False])
@pytest.mark.parametrize('lazy_init', [True, False])
def test_folders(folders, tmp_path, serialize_data, lazy_init):
    dataset = CustomDepthDataset(
        **folders, depth_scale=1000, serialize_data=serialize_data, lazy_init=lazy_init
    )
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    stems = ['a', 'b', 'x. y/z 1/c']
    assert [info['img_path'] for info in infos] == [f'{tmp_path}/rgb/{s}.jpg' for s in stems]
    assert [info['depth_map_path'] for info in infos] == [
        f'{tmp_path}/depth/{s}.png' for s in stems
    ]
    assert all(info.keys() == KEYS and info['valid_mask_path'] is None for info in infos)
    assert [info['sample_idx'] for info in infos] == [0, 1, 2]
    assert len(CustomDepthDataset(**folders, depth_scale=1000, indices=2)) == 2
    with pytest.raises(SampleError, match='indices=9, but there are 3 pairs'):
        len(CustomDepthDataset(**folders, depth_scale=1000, indices=9))


def test_list(folders, tmp_path):
    ann_file = tmp_path / 'train.txt'
    ann_file.write_text('# list\nb.jpg b.png 518.8\na.jpg None\nx. y/z 1/c.jpg\tx. y/z 1/c.png\n')
    dataset = CustomDepthDataset('train.txt', **folders, depth_scale=1000, pipeline=LOAD)
    assert len(dataset) == 2 and dataset.num_missing_depth == 1
    assert dataset.get_data_info(1)['depth_map_path'] == f'{tmp_path}/depth/x. y/z 1/c.png'
    assert dataset[1]['data_samples'].sample_idx == 1
    assert [dataset[i]['data_samples'].metainfo['focal'] for i in (0, 1)] == [518.8, None]
    same = CustomDepthDataset('train.txt', **folders, depth_scale=1000, focal=300.0, pipeline=LOAD)
    assert [same[i]['data_samples'].focal for i in (0, 1)] == [518.8, 300.0]
    ann_file.write_text('gone.jpg gone.png\n')  # noticed when read, by name
    dataset = CustomDepthDataset('train.txt', **folders, depth_scale=1000, pipeline=LOAD)
    with pytest.raises(SampleError, match=r'rgb/gone\.jpg: file not found'):
        dataset[0]


def test_registered_under_the_scope(folders):
    init_default_scope('depthdecomp_mm')
    dataset = DATASETS.build(
        dict(type='CustomDepthDataset', depth_scale=1000, pipeline=[dict(LOAD[0])], **folders)
    )
    assert type(dataset.pipeline.transforms[0]).__module__.startswith('depthdecomp_mm')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            lambda root: (root / 'depth/a.png').unlink(),
            r"1 of 3 .*'\.png'.*the first: \['a\.jpg'\]",
        ),
        (lambda root: [p.unlink() for p in root.rglob('*.jpg')], 'no pair of image and depth map'),
        (lambda root: (root / 'list.txt').write_text('# only\na.jpg None\n'), 'no pair .*list.txt'),
    ],
)
def test_bad_folders_and_lists(folders, tmp_path, change, message):
    change(tmp_path)
    ann_file = 'list.txt' if (tmp_path / 'list.txt').exists() else ''
    with pytest.raises(SampleError, match=message):
        CustomDepthDataset(ann_file, **folders, depth_scale=1000)


def test_missing_folder(folders):
    folders['data_prefix']['depth_map_path'] = 'depths'
    with pytest.raises(FileNotFoundError, match='folder not found: .*depths'):
        CustomDepthDataset(**folders, depth_scale=1000)


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (dict(), 'depth_scale is None'),
        (dict(depth_scale=0), 'depth_scale is 0'),
        (dict(depth_scale=1, label_type='absolute'), "label_type is 'absolute'"),
        (dict(depth_scale=1, depth_encoding='kitti'), "depth_encoding is 'kitti'"),
        (dict(depth_scale=1, on_bad_sample='ignore'), "on_bad_sample is 'ignore'"),
        (dict(depth_scale=1, on_bad_sample='skip', test_mode=True), 'test_mode=True'),
        (dict(depth_scale=1, min_depth=5, max_depth=1), 'min_depth 5 is not below max_depth 1'),
        (dict(label_type='relative', max_depth=10), 'metres, found relative'),
        (dict(depth_scale=1, data_prefix=dict(img='rgb')), "key of data_prefix is 'img'"),
        (dict(depth_scale=1, img_suffix='.png'), 'same folder'),
        (dict(depth_scale=1, ann_file='l', data_prefix=dict(valid_mask_path='m')), 'no masks'),
    ],
)
def test_bad_arguments(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        BaseDepthDataset(data_root=str(tmp_path), **arguments)


def test_bad_sample_raises_by_default_and_is_skipped_on_request(folders, tmp_path):
    arguments = dict(**folders, depth_scale=1000, pipeline=LOAD)
    (tmp_path / 'depth/b.png').write_bytes(b'')
    with pytest.raises(SampleError, match=r'depth/b\.png: found an empty file'):
        CustomDepthDataset(**arguments)[1]

    dataset = CustomDepthDataset(**arguments, on_bad_sample='skip')
    assert dataset[0]['data_samples'].sample_idx == 0 and dataset.num_bad_samples == 0
    assert dataset[1]['data_samples'].sample_idx == 2 and dataset.num_bad_samples == 1

    for path in Path(tmp_path, 'depth').rglob('*.png'):
        path.write_bytes(b'')
    with pytest.raises(SampleError, match='3 bad samples in a row, the last: .*empty file'):
        dataset[1]
    with pytest.raises(SampleError, match='2 bad samples in a row'):
        CustomDepthDataset(**arguments, on_bad_sample='skip', max_refetch=1)[1]


def test_skipping_wraps_and_leaves_other_errors_alone(folders, tmp_path):
    def fail(results):
        raise RuntimeError('a bug')

    (tmp_path / 'rgb/x. y/z 1/c.jpg').write_bytes(b'')
    arguments = dict(**folders, depth_scale=1000, on_bad_sample='skip')
    assert CustomDepthDataset(**arguments, pipeline=LOAD)[2]['data_samples'].sample_idx == 0
    with pytest.raises(RuntimeError, match='a bug'):
        CustomDepthDataset(**arguments, pipeline=[fail])[0]


def test_metric_and_relative_sets_concatenate(write, tmp_path, image, millimetres):
    for folder, array in (('imgs', image), ('gts', image[..., 0]), ('valid_masks', image[..., 1])):
        write(f'hr/train/{folder}/1.{"jpg" if folder == "imgs" else "png"}', array)
    write('nyu/s/rgb_00001.jpg', image)
    write('nyu/s/sync_depth_00001.png', millimetres)
    both = ConcatDataset(
        dict(
            metric=NYUDataset(data_root=f'{tmp_path}/nyu', pipeline=LOAD),
            relative=HRWSIDataset(data_root=f'{tmp_path}/hr', pipeline=LOAD),
        )
    )
    units = [sample['data_samples'].depth_unit for sample in (both[0], both[1])]
    assert units == ['metre', 'unitless']
    assert np.array_equal(both[1]['data_samples'].gt_valid_mask.data[0].numpy(), image[..., 1] > 0)


class HostDataset(BaseDataset):
    """Of another toolbox, which knows classes and no depth."""

    METAINFO = dict(classes=('depth',), palette=np.zeros(3), reduce_zero_label=True)

    def load_data_list(self):
        return [dict(img_path='host.png')]


@pytest.mark.parametrize('ours_is_first', [True, False])
def test_sets_of_a_host_concatenate_with_ours(folders, ours_is_first):
    sets = [CustomDepthDataset(**folders, depth_scale=1000), HostDataset()]
    both = ConcatDataset(dict(zip('ab', sets if ours_is_first else sets[::-1], strict=True)))
    assert len(both) == len(sets[0]) + 1
    assert ('classes' in both.metainfo) is not ours_is_first
    with pytest.raises((ValueError, KeyError), match='meta information'):
        ConcatDataset(dict(zip('ab', sets, strict=True)), ignore_keys=['palette'])


def concatenation(**metas):
    """The config of data sets of such labels and evaluation; no list of theirs is read."""
    own = dict(type='depthdecomp_mm.BaseDepthDataset', lazy_init=True, depth_scale=1000.0)
    parts = {name: meta if 'type' in meta else own | meta for name, meta in metas.items()}
    return dict(type='depthdecomp_mm.ConcatDataset', lazy_init=True, datasets=parts)


def evaluated(**metas):
    return DATASETS.build(concatenation(**metas))


def test_metrics_go_by_the_metric_sets_of_a_mixture():
    both = evaluated(disparity=dict(label_type='relative'), metres=dict(max_depth=80.0))
    metric = DepthMetric()
    metric.dataset_meta = both.metainfo
    assert metric.protocol.max_depth == 80


@pytest.mark.parametrize(
    ('first', 'second', 'stated'),
    [
        (dict(max_depth=80.0), dict(max_depth=10.0), dict(max_depth=9.0)),
        (dict(eval_crop='garg'), dict(), dict(crop=None)),
        (dict(eval_crop='nyu'), dict(label_type='relative'), dict(crop='nyu')),
    ],
)
def test_sets_that_are_evaluated_differently_need_a_metric_that_says_how(first, second, stated):
    meta = evaluated(a=first, b=second).metainfo
    both = dict(type='RepeatDataset', times=2, dataset=concatenation(a=first, b=second))
    nested = evaluated(ab=both | dict(lazy_init=True), c=first)
    assert nested.metainfo['differing_keys'] == meta['differing_keys']
    with pytest.raises(ConfigError, match='differs between the concatenated data sets'):
        DepthMetric().dataset_meta = meta
    metric = DepthMetric(**stated)
    metric.dataset_meta = meta
    assert all(getattr(metric.protocol, key) == value for key, value in stated.items())


def test_a_range_that_cannot_be_evaluated_is_refused_before_the_evaluation():
    with pytest.raises(ValueError, match='0 < min_depth'):
        DepthMetric().dataset_meta = evaluated(a=dict(min_depth=0.0)).metainfo
