"""Data sets in an LMDB database and on a server hold what plain files hold."""

import os
import pickle
import shutil
from functools import partial

import lmdb
import numpy as np
import pytest
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

from depthdecomp_mm.datasets import SampleError, storage
from depthdecomp_mm.datasets.converters.packing import files_of, keys_of, pack
from depthdecomp_mm.registry import DATASETS
from tests import mini_sets

PIPELINE = [dict(type='LoadImageFromFile'), dict(type='LoadDepthAnnotation')]


@pytest.fixture(autouse=True)
def _scope():
    init_default_scope('depthdecomp_mm')


def write_list(root, name, pairs, separator='\t'):
    (root / name).write_text(''.join(f'{separator.join(pair)}\n' for pair in pairs))


def nyu(root, slash=''):
    for number in (0, 7):
        image, depth = mini_sets.scene(number)
        mini_sets.write_image(root / f'kitchen/rgb_{number:05d}.jpg', image)
        depth = mini_sets.millimetres(mini_sets.with_holes(depth, number))
        mini_sets.write_image(root / f'kitchen/sync_depth_{number:05d}.png', depth)
    numbers = ('00000', '00007')
    pairs = [(f'{slash}kitchen/rgb_{i}.jpg', f'{slash}kitchen/sync_depth_{i}.png') for i in numbers]
    write_list(root, 'train.txt', pairs, ' ')
    return dict(type='NYUDataset', ann_file='train.txt')


def nyu_folders(root):
    nyu(root)
    return dict(type='NYUDataset')


def hrwsi(root):
    mini_sets.make_hrwsi(root)
    return dict(type='HRWSIDataset', split='val')


def diml(root):
    mini_sets.make_diml_indoor(root)
    return dict(type='DIMLIndoorDataset', resolution='LR')


def diml_list(root):
    mini_sets.make_diml_indoor(root)
    scene = 'test/HR/7. Cafe'
    names = [('color/00000{}_c.png', 'depth_filled/00000{}_depth_filled.png')] * 2
    pairs = [[f'{scene}/{name}'.format(i) for name in pair] for i, pair in enumerate(names, 1)]
    write_list(root, 'test.txt', pairs)
    return dict(type='DIMLIndoorDataset', ann_file='test.txt')


def sunrgbd(root):
    mini_sets.make_sunrgbd(root)
    images = sorted((root / 'SUNRGBD').rglob('image/*.jpg'))
    depths = [next(path.parents[1].glob('depth_bfx/*')) for path in images]
    pairs = np.char.replace(np.array([images, depths], str).T, f'{root}/', '')
    write_list(root, 'list.txt', pairs)
    return dict(type='SUNRGBDDataset', ann_file='list.txt')


def custom(root):
    """Names that neither a key nor a URL can hold as they are, and files beside the root."""
    image, depth = mini_sets.scene(1)
    depth = np.float32(depth)
    names = ['50% küche #1?.png', './#a.png', '../../beside/b c.png']
    for name in names:
        mini_sets.write_image(root / 'color' / name, image)
        path = (root / 'depth' / name).with_suffix('.npy')
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, depth)
    pairs = [(f'color/{name}', f'depth/{name[:-4]}.npy') for name in names]
    write_list(root, 'list.txt', pairs)
    return dict(type='CustomDepthDataset', ann_file='list.txt', depth_scale=1, max_depth=5.0)


def custom_prefix(root):
    mini_sets.make_custom(root / 'set')
    prefix = dict(img_path='set/color', depth_map_path=str(root / 'set/depth'))
    write_list(root, 'list.txt', [('00001.jpg', '00002.png')])
    arguments = dict(depth_scale=1000, max_depth=5.0, data_prefix=prefix)
    return dict(type='CustomDepthDataset', ann_file=str(root / 'list.txt'), **arguments)


LISTS = [nyu, partial(nyu, slash='/'), diml_list, sunrgbd, custom]
FOLDERS = [nyu_folders, hrwsi, diml]


def build(config, root, **overrides):
    common = dict(pipeline=PIPELINE, data_root=str(root), serialize_data=False)
    return DATASETS.build(config | common | overrides)


def packed(config, root, out):
    """Pack a data set; returns the arguments to read it with."""
    data_root, paths = files_of(dict(config, data_root=str(root)))
    pack(keys_of(paths, data_root, out), out)
    return dict(backend='lmdb', db_path=str(out))


def contents(dataset):
    """The samples without their paths."""
    kept = [{k: v for k, v in sample.items() if not k.endswith('_path')} for sample in dataset]
    for sample in kept:
        sample.pop('backend_args', None)
        for key in ('img', 'gt_depth_map', 'gt_valid_mask'):
            array = sample.pop(key)
            sample[key] = (array.dtype, array.shape, array.tobytes())
    return kept


@pytest.fixture
def root(tmp_path):
    (tmp_path / 'set').mkdir()
    return tmp_path / 'set'


@pytest.mark.parametrize('make', [*LISTS, *FOLDERS, custom_prefix])
def test_a_database_holds_what_the_files_hold(root, tmp_path, make):
    config = make(root)
    expected = contents(build(config, root))
    backend_args = packed(config, root, tmp_path / 'set.lmdb')
    for folder in (root, root.parent / 'beside'):  # nothing comes from the files
        shutil.rmtree(folder, ignore_errors=True)
    found = build(config, root, backend_args=backend_args)
    assert contents(found) == expected
    # transforms of other packages read it, too: MMEngine's backend knows the key
    assert storage.backend_of('', backend_args).get(found.get_data_info(0)['img_path'])


@pytest.mark.parametrize('given', [None, dict(backend='http')])
@pytest.mark.parametrize('make', LISTS)
def test_a_server_gives_what_the_files_hold(root, serve, make, given):
    config = make(root)
    url = f'{serve(root.parent)}/set/'
    found = build(config, url, backend_args=given)
    assert contents(found) == contents(build(config, root))
    assert found.get_data_info(0)['img_path'].startswith(url)


@pytest.mark.parametrize('make', FOLDERS)
def test_a_server_is_not_asked_for_its_folders(root, serve, make):
    config = make(root)
    url = serve(root)
    with pytest.raises(SampleError, match=f'^{url}/.*HTTPBackend cannot list a folder: expected a'):
        build(config, url)


def test_what_a_server_lacks_is_named(root, serve):
    config = nyu(root)
    url = serve(root)
    dataset = build(config, url)
    (root / 'kitchen/sync_depth_00007.png').unlink()
    (root / 'kitchen/rgb_00000.jpg').write_bytes(b'')
    with pytest.raises(SampleError, match=f'^{url}/kitchen/sync_depth_00007.png: file not found$'):
        dataset[1]
    with pytest.raises(SampleError, match=f'^{url}/kitchen/rgb_00000.jpg: found an empty file$'):
        dataset[0]
    missing = f'^list file not found: {url}/no.txt \\(tools/'
    with pytest.raises(FileNotFoundError, match=missing):
        build(dict(config, ann_file='no.txt'), url)
    closed = 'http://127.0.0.1:9'
    with pytest.raises(OSError, match=f'^{closed}/train.txt: cannot be read: .*refused'):
        build(config, closed)


def test_what_a_database_lacks_is_named(root, tmp_path):
    config = nyu(root)
    args = packed(config, root, tmp_path / 'set.lmdb')
    with pytest.raises(
        FileNotFoundError, match=r'list file not found: .*/set.lmdb/no.txt \(tools/'
    ):
        build(dict(config, ann_file='no.txt'), root, backend_args=args)
    (root / 'train.txt').write_text('kitchen/no.jpg kitchen/no.png\n')
    pack({'train.txt': str(root / 'train.txt')}, tmp_path / 'list.lmdb')
    args = dict(backend='lmdb', db_path=str(tmp_path / 'list.lmdb'))
    with pytest.raises(SampleError, match='/list.lmdb/kitchen/no.jpg: file not found'):
        build(config, root, backend_args=args)[0]
    with pytest.raises(FileNotFoundError, match='folder not found: .*/list.lmdb/val/imgs'):
        build(dict(type='HRWSIDataset', split='val'), root, backend_args=args)
    args = dict(backend='lmdb', db_path=str(tmp_path / 'no.lmdb'))
    with pytest.raises(FileNotFoundError, match='no.lmdb: no LMDB database .*to_lmdb.py makes one'):
        build(config, root, backend_args=args)


def test_a_database_that_was_copied_in_part_is_refused(root, tmp_path):
    config = nyu(root)
    args = packed(config, root, tmp_path / 'set.lmdb')
    content = tmp_path / 'set.lmdb/data.mdb'
    os.truncate(content, content.stat().st_size - 4096)
    with pytest.raises(SampleError, match='set.lmdb: truncated database, found .* copy it again'):
        build(config, root, backend_args=args)


def test_a_transform_may_have_a_backend_of_its_own(root, tmp_path):
    config = nyu(root)
    args = packed(config, root, tmp_path / 'set.lmdb')
    steps = [dict(step, backend_args=dict(backend='local')) for step in PIPELINE]
    dataset = DATASETS.build(dict(config, data_root=str(root), pipeline=steps, backend_args=args))
    with pytest.raises(SampleError, match='^kitchen/rgb_00000.jpg: file not found'):
        dataset[0]


def test_each_worker_opens_the_database_once(root, tmp_path, monkeypatch):
    config = nyu(root)
    args = packed(config, root, tmp_path / 'set.lmdb')
    dataset = build(config, root, backend_args=args, serialize_data=True)
    expected = contents(dataset)  # the database is open here before there are workers
    opened = tmp_path / 'opened'
    original = lmdb.open

    def recorded(*arguments, **options):
        with opened.open('a') as file:
            file.write(f'{os.getpid()}\n')
        return original(*arguments, **options)

    monkeypatch.setattr(lmdb, 'open', recorded)
    loader = DataLoader(
        pickle.loads(pickle.dumps(dataset)),  # as workers that are not forked get it
        batch_size=None,
        num_workers=2,
        persistent_workers=True,
        multiprocessing_context='fork',
        collate_fn=dict,
    )
    for _ in range(2):
        assert contents(loader) == expected
    pids = opened.read_text().split()
    assert len(pids) == len(set(pids)) == 2 and str(os.getpid()) not in pids
    assert contents(dataset) == expected


def test_data_sets_share_a_database_in_a_process(root, tmp_path):
    config = nyu(root)
    args = packed(config, root, tmp_path / 'set.lmdb')
    again = dict(reversed(args.items()))
    first, second = (build(config, root, backend_args=given) for given in (args, again))
    assert contents(first) == contents(second)
