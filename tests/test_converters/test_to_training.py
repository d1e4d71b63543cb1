"""Every set from its download to a training: converter, check, browse, ten iterations."""

import json
import re
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import loops

from depthdecomp_mm.engine import DepthRunner
from tests import mini_sets

SCALE = (128, 96)
ITERATIONS = 10


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    """One thread; and MMEngine waits for two seconds whenever a loader starts again."""
    monkeypatch.setattr(loops, 'time', SimpleNamespace(time=time.time, sleep=lambda _: None))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def nyu_labeled(tmp_path, convert):
    out = tmp_path / 'nyu'
    files = mini_sets.make_nyu_labeled(tmp_path / 'download', train=2, test=1)
    return convert('nyu_labeled', *files, '--out', out), 'nyu_795', [out]


def nyu_raw(tmp_path, convert):
    """The raw dump trains; the labelled file gives the split and the test images."""
    out = tmp_path / 'nyu'
    mat, splits = mini_sets.make_nyu_labeled(tmp_path / 'download', train=1, test=1)
    dump = mini_sets.make_nyu_raw(tmp_path / 'raw', frames=2)
    status = convert('nyu_labeled', mat, splits, '--out', out)
    arguments = ('--labeled', mat, '--splits', splits, '--out', out, '--num', 2)
    status |= convert('nyu_raw', dump, *arguments)
    (out / 'nyu_2_train.txt').rename(out / 'nyu_51k_train.txt')
    return status, 'nyu_51k', [out]


def nyu_and_hrwsi(tmp_path, convert):
    status, _, roots = nyu_labeled(tmp_path, convert)
    relative = mini_sets.make_hrwsi(tmp_path / 'hrwsi')
    status |= convert('hrwsi', relative, '--partial')
    return status, 'nyu_795_hrwsi', [*roots, relative]


def diml_indoor(tmp_path, convert):
    root = mini_sets.make_diml_indoor(tmp_path / 'diml')
    return convert('diml_indoor', root, '--partial'), 'diml_indoor', [root]


def sunrgbd(tmp_path, convert):
    root = mini_sets.make_sunrgbd(tmp_path / 'sun')
    return convert('sunrgbd', root), 'sunrgbd', [root]


def kitti(tmp_path, convert):
    root = tmp_path / 'kitti'
    raw, annotated, tests = mini_sets.make_kitti(root)
    arguments = ('--test-list', tests, '--out', root, '--partial')
    return convert('kitti', raw, annotated, *arguments), 'kitti_eigen', [root]


def custom(tmp_path, convert):
    root = mini_sets.make_custom(tmp_path / 'own')
    relative = mini_sets.make_hrwsi(tmp_path / 'hrwsi')
    arguments = ('--depth-scale', 1000, '--relative', relative)
    return convert('custom', root, *arguments), root / 'config_hrwsi', []


def write_config(path, name, roots, repo_root):
    """The set's own config with its folders, the small network, small images and ten iterations."""
    configs = repo_root / 'configs'
    cfg = Config.fromfile(configs / 'depthdecomp' / f'{name}.py')
    cfg.model = Config.fromfile(configs / '_base_/models/depthdecomp_light.py').model
    for part in ('train', 'val', 'test'):
        loader = cfg[f'{part}_dataloader']
        loader.num_workers, loader.persistent_workers = 0, False
        datasets = loader.dataset.get('datasets', dict(test=loader.dataset)).values()
        for dataset, root in zip(datasets, roots or [None] * len(datasets), strict=False):
            dataset.data_root = str(root or dataset.data_root)
            next(t for t in dataset.pipeline if t.type == 'Resize').scale = SCALE
    cfg.train_dataloader.batch_size = 2
    if cfg.train_dataloader.sampler.type == 'MixedDatasetSampler':
        cfg.train_dataloader.sampler.update(quotas=dict(metric=1, relative=1))
    cfg.phases, cfg.param_scheduler = None, None
    cfg.train_cfg = dict(by_epoch=False, max_iters=ITERATIONS, val_interval=ITERATIONS)
    cfg.default_hooks.logger.interval = 1
    cfg.default_hooks.checkpoint.update(by_epoch=False, interval=ITERATIONS)
    cfg.log_processor.by_epoch = False
    cfg.visualizer.vis_backends = [dict(type='LocalVisBackend')]
    cfg.work_dir = str(path.parent / 'work')
    cfg.dump(path)


def losses(work_dir):
    (path,) = work_dir.rglob('scalars.json')
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line['loss'] for line in lines if 'loss' in line]


@pytest.mark.parametrize(
    'make', [nyu_labeled, nyu_raw, nyu_and_hrwsi, diml_indoor, sunrgbd, kitti, custom]
)
def test_from_the_download_to_a_training(tmp_path, repo_root, convert, tool, make, capsys):
    status, name, roots = make(tmp_path, convert)
    assert status == 0
    config, panels = tmp_path / 'small.py', tmp_path / 'panels'
    write_config(config, name, roots, repo_root)
    capsys.readouterr()

    assert tool('analysis_tools/check_dataset').main([str(config), '--workers', '1']) == 0
    assert capsys.readouterr().out.endswith('0 errors, 0 warnings\n')

    browse = tool('analysis_tools/browse_dataset').main
    assert browse([str(config), '--out-dir', str(panels), '--number', '2']) == 0
    mixed = 'hrwsi' in str(name)
    assert len(list(panels.glob('*.png'))) == (4 if mixed else 2)

    cfg = Config.fromfile(config)
    DepthRunner.from_cfg(cfg).train()
    values = losses(Path(cfg.work_dir))
    assert len(values) == ITERATIONS and np.isfinite(values).all()
    assert np.mean(values[-3:]) < np.mean(values[:3])
    (log,) = Path(cfg.work_dir).rglob('*.log')
    metric, relative = (1, 1) if mixed else (2, 0)
    batch = f'First training batch: 2 samples ({metric} metric, {relative} relative)'
    found = re.search(
        re.escape(batch) + r'.*\n.* metric: depth ([\d.]+) to ([\d.]+) m', log.read_text()
    )
    # the scenes lie between 1 and 6 m
    assert found and 0.95 < float(found[1]) < float(found[2]) < 6.3
    assert (Path(cfg.work_dir) / f'iter_{ITERATIONS}.pth').exists()
