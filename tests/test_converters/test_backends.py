"""Check, browse, train and test on a database and on a server, as on plain files."""

import json
import shutil
import time
from types import SimpleNamespace

import lmdb  # noqa: F401  of the database
import pytest
from mmengine.config import Config
from mmengine.runner import loops

from depthdecomp_mm.datasets import ConcatDataset
from depthdecomp_mm.datasets.checking import check_datasets
from depthdecomp_mm.engine.hooks.visualization_hook import image_paths, panel_names
from tests import mini_sets

CONFIG = """\
_base_ = 'depthdecomp_mm::depthdecomp/rooms_hrwsi.py'
metric, relative = {metric!r}, {relative!r}
train_dataloader = dict(
    batch_size=4,
    dataset=dict(datasets=dict(metric=metric, relative={used})),
    sampler={sampler},
)
val_dataloader = dict(batch_size=2, num_workers=0, persistent_workers=False, dataset=metric)
test_dataloader = val_dataloader
phases, param_scheduler = None, None
train_cfg = dict(max_epochs=1, val_interval=1)
visualizer = dict(vis_backends=[dict(type='LocalVisBackend')])
default_hooks = dict(visualization=dict(draw=True, interval=1, max_images=1))
"""
QUOTAS = 'dict(quotas=dict(metric=2, relative=2))'
DEFAULT = "dict(_delete_=True, type='DefaultSampler', shuffle=True)"


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    """MMEngine waits when a loader starts again, and takes long to format a config."""
    monkeypatch.setattr(loops, 'time', SimpleNamespace(time=time.time, sleep=lambda _: None))
    monkeypatch.setattr('mmengine.config.config.FormatCode', lambda text, **_: (text, False))


def database(root, tool, serve):
    for part in ('nyu', 'hrwsi'):
        tool('dataset_converters/to_lmdb').main([f'{root}/{part}'])
        shutil.rmtree(f'{root}/{part}')  # nothing comes from the files
    args = [dict(backend='lmdb', db_path=f'{root}/{part}.lmdb') for part in ('nyu', 'hrwsi')]
    roots = [f'{root}/nyu/', f'{root}/hrwsi/']
    metric, relative = (dict(data_root=r, backend_args=a) for r, a in zip(roots, args, strict=True))
    return CONFIG.format(metric=metric, relative=relative, used='relative', sampler=QUOTAS)


def server(root, tool, serve):
    metric = dict(data_root=f'{serve(root)}/nyu/')
    return CONFIG.format(metric=metric, relative=None, used=None, sampler=DEFAULT)


@pytest.mark.parametrize('where', [database, server])
def test_a_config_is_used_as_with_plain_files(tiny_rooms, tmp_path, tool, serve, where, capsys):
    root, config, work_dir = tmp_path / 'rooms', tmp_path / 'config.py', tmp_path / 'work'
    shutil.copytree(tiny_rooms, root)
    config.write_text(where(root, tool, serve))

    assert tool('analysis_tools/check_dataset').main([str(config), '--workers', '1']) == 0
    output = capsys.readouterr().out
    assert '8 of 8 pairs are good' in output and '0 errors, 0 warnings' in output

    arguments = ['--out-dir', str(tmp_path / 'panels'), '--number', '1']
    assert tool('analysis_tools/browse_dataset').main([str(config), *arguments]) == 0
    assert len(list((tmp_path / 'panels').iterdir())) == (2 if where is database else 1)

    tool('train').main([str(config), '--work-dir', str(work_dir)])
    (checkpoint,) = work_dir.glob('epoch_1.pth')
    out, panels = tmp_path / 'metrics.json', tmp_path / 'show'
    arguments = [f'--work-dir={work_dir}', f'--out={out}', f'--show-dir={panels}']
    tool('test').main([str(config), str(checkpoint), *arguments])
    assert json.loads(out.read_text())['rmse'] > 0 and len(list(panels.iterdir())) == 1


def test_the_same_key_in_two_databases_is_no_duplicate(tmp_path, tool):
    for part, first in (('train', 0), ('test', 3)):
        root = mini_sets.make_custom(tmp_path / part, count=first + 3)
        for i in range(3):
            for name in ('color/{:05}.jpg', 'depth/{:05}.png'):
                (root / name.format(first + i)).rename(root / name.format(i))
        lines = [f'color/{i:05}.jpg depth/{i:05}.png\n' for i in range(3)]
        (root / 'list.txt').write_text(''.join(lines))
        tool('dataset_converters/to_lmdb').main([str(root), '--list', 'list.txt'])
    common = dict(type='CustomDepthDataset', ann_file='list.txt', depth_scale=1000)
    loaders = {
        f'{part}_dataloader': dict(
            dataset=dict(
                common, backend_args=dict(backend='lmdb', db_path=f'{tmp_path}/{place}.lmdb')
            )
        )
        for part, place in (('train', 'train'), ('val', 'test'), ('test', 'train'))
    }
    train_and_test, val = check_datasets(Config(loaders))
    assert (train_and_test.parts, val.parts, val.errors) == (['train', 'test'], ['val'], [])
    (error,) = train_and_test.errors
    found = f'{tmp_path}/train.lmdb/color/00000.jpg and 2 others: is used for training, too'
    assert error.startswith(found)
    dataset = ConcatDataset({k: loader['dataset'] for k, loader in loaders.items()})
    assert len(panel_names(image_paths(dataset))) == 6
