"""Every shipped config builds what it says."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from depthdecomp_mm.datasets.walking import leaf_configs
from depthdecomp_mm.engine import PhasedRunner
from depthdecomp_mm.registry import DATASETS, METRICS, MODELS, TRANSFORMS

from .conftest import ROOT

CONFIGS = sorted((ROOT / 'configs' / 'depthdecomp').rglob('*.py'))
BRANCHES = ('gradient_decoder', 'normalized_decoder', 'metric_decoder')
G, N, M, MDR, MEAN = 'G N M MDR mean'.split()
# Table 3: what takes part in the last phase
TABLE_3 = {
    'm': {M},
    'm_n': {M, N},
    'm_n_g': {M, N, G},
    'm_n_g_mdr_star': {M, N, G, MDR},
    'm_n_g_mdr': {M, N, G, MDR, MEAN},
    'm_n_g_mdr_hrwsi': {M, N, G, MDR, MEAN},
    'single_phase_hrwsi': {M, N, G, MDR, MEAN},
}


def build(cfg):
    init_default_scope('depthdecomp_mm')
    with torch.device('meta'):  # structure without memory
        return MODELS.build(cfg.model)


def phased(path):
    cfg = Config.fromfile(path)
    cfg.work_dir = 'unused'
    return PhasedRunner.from_cfg(cfg)


@pytest.mark.parametrize('path', CONFIGS, ids=lambda p: str(p.relative_to(ROOT / 'configs')))
def test_config_builds_in_every_phase(path):
    runner = phased(path)
    for index in range(len(runner.names)):
        cfg = runner.phase_cfg(index)
        model = build(cfg)
        untrained = set(model.outputs) - set(model.loss_branches.values())
        assert untrained == ({'mean'} if path.stem == 'nyu_17k_eq_10' and index == 1 else set())
        for evaluator in (*cfg.val_evaluator, *cfg.test_evaluator):
            METRICS.build(evaluator)
        dataset = cfg.train_dataloader.dataset
        for part, _ in leaf_configs(dataset):
            for transform in part.pipeline:
                TRANSFORMS.build(transform)
        mixed = 'hrwsi' in path.stem or path.stem.endswith('_mixed')
        assert ('relative' in dataset.datasets) == mixed


@pytest.mark.parametrize('row', TABLE_3)
def test_rows_of_table_3(row):
    runner = phased(ROOT / 'configs' / 'depthdecomp' / 'ablation' / f'nyu_17k_{row}.py')
    cfg = runner.phase_cfg(-1)
    model = build(cfg)
    parts = {name for name, b in zip((G, N, M), BRANCHES, strict=True) if hasattr(model, b)}
    parts |= {MDR} if model.metric_decoder.mdr is not None else set()
    parts |= {MEAN} if 'mean' in model.outputs else set()
    assert parts == TABLE_3[row]
    assert len(runner.names) == (1 if row in ('m', 'single_phase_hrwsi') else 2)
    if row == 'm':
        assert set(model.losses) == {'loss_m', 'loss_m_grad'}
    dataset = cfg.train_dataloader.dataset
    assert dataset.datasets.metric.ann_file == 'nyu_17k_train.txt'


def test_the_papers_network_has_its_size():
    """SPEC: 77.4 M with the unused classifier (2.05 M) and position encodings, 15 M a decoder."""
    model = build(phased(ROOT / 'configs' / 'depthdecomp' / 'nyu_51k.py').phase_cfg(1))

    def millions(module):
        return sum(p.numel() for p in module.parameters()) / 1e6

    assert 75 <= millions(model) <= 79
    assert millions(model.encoder) == pytest.approx(30.4 - 2.05, abs=0.05)
    assert millions(model.gradient_decoder) == pytest.approx(15.0, abs=0.05)
    assert millions(model.metric_decoder.mdr) == pytest.approx(2.1, abs=0.1)
    with torch.device('meta'):
        raw = model.eval()(torch.empty(1, 3, 384, 512), mode='tensor')
    assert {name: tuple(out.shape) for name, out in raw.items()} == {
        'gradients': (1, 2, 192, 256),
        'normalized': (1, 1, 192, 256),
        'metric': (1, 1, 192, 256),
        'mean': (1, 1, 1, 1),
    }


def test_variants_state_what_differs():
    """Mixing and phases are stated once; a variant names them in a few lines."""
    texts = {path: path.read_text() for path in (ROOT / 'configs').rglob('*.py')}
    variants = [p for p in texts if p.stem.endswith('_hrwsi') or 'ablation' in p.parts]
    assert len(variants) > 20
    assert [p.name for p in variants if len(texts[p].splitlines()) > 8] == []
    assert [p.name for p, text in texts.items() if 'MixedDatasetSampler' in text] == ['hrwsi.py']
    phases = Counter(found for text in texts.values() for found in stated_phases(text))
    assert sum(phases.values()) > 3
    assert [found for found, count in phases.items() if count > 1] == []


def stated_phases(text: str) -> list[str]:
    """The phases that a config writes out, rather than takes from a base by name."""
    tree = ast.parse(re.sub(r'{{_base_.*?}}', 'None', text))
    values = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    return [
        ast.dump(value)
        for name, value in values.items()
        if name in ('phases', 'single_phase') and isinstance(value, ast.Call)
    ]


def test_the_environment_names_another_folder_of_rooms(monkeypatch):
    monkeypatch.setenv('ROOMS_ROOT', 'elsewhere')
    cfg = Config.fromfile(ROOT / 'configs/depthdecomp/rooms_hrwsi.py')
    parts = [*cfg.train_dataloader.dataset.datasets.values(), cfg.test_dataloader.dataset]
    assert [part.data_root for part in parts] == [
        'elsewhere/nyu/',
        'elsewhere/hrwsi/',
        'elsewhere/nyu/',
    ]


def test_the_environment_names_another_folder_of_real_frames(monkeypatch):
    monkeypatch.setenv('FRAMES_ROOT', 'elsewhere')
    cfg = Config.fromfile(ROOT / 'configs/depthdecomp/ablation/pretrained/frames_hrwsi.py')
    parts = [leaf for leaf, _ in leaf_configs(cfg.train_dataloader.dataset)]
    parts.append(cfg.test_dataloader.dataset)
    roots = [part.data_root for part in parts]
    assert roots == ['elsewhere/', 'data/rooms/hrwsi/', 'elsewhere/']


def test_the_encoder_starts_and_trains_as_in_the_release():
    """AutoAugment on ImageNet alone, stochastic depth that rises to .2, TensorFlow's norms."""
    model = build(phased(ROOT / 'configs' / 'depthdecomp' / 'nyu_51k.py').phase_cfg(1))
    encoder = model.encoder.timm_model
    assert encoder.pretrained_cfg['tag'] == 'aa_in1k'
    norms = [m for m in encoder.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert {(m.momentum, m.eps) for m in norms} == {(0.01, 1e-3)}
    blocks = [block for stage in encoder.blocks for block in stage]
    rates = [getattr(block.drop_path, 'drop_prob', 0) for block in blocks]
    assert rates == pytest.approx([0.2 * i / len(blocks) for i in range(len(blocks))])


@pytest.mark.parametrize(
    'name, tag, momentum',
    [('nyu_51k_jft', 'ns_jft_in1k', 0.01), ('backbones/nyu_51k_resnet50', 'a1_in1k', 0.1)],
)
def test_other_starts_and_backbones(name, tag, momentum):
    encoder = build(phased(ROOT / 'configs' / 'depthdecomp' / f'{name}.py').phase_cfg(1)).encoder
    assert encoder.timm_model.pretrained_cfg['tag'] == tag
    assert encoder.timm_model.bn1.momentum == momentum


def test_the_synchronised_set_is_read_by_its_own_list(tmp_path):
    """Lines as in BTS's list, whose paths begin with a slash, and the files below ``sync``."""
    for name in ('rgb_00045.jpg', 'sync_depth_00045.png'):
        (tmp_path / 'sync/kitchen_0028b').mkdir(parents=True, exist_ok=True)
        (tmp_path / 'sync/kitchen_0028b' / name).touch()
    line = '/kitchen_0028b/rgb_00045.jpg /kitchen_0028b/sync_depth_00045.png 518.8579\n'
    (tmp_path / 'nyudepthv2_train_files_with_gt.txt').write_text(line)
    cfg = Config.fromfile(ROOT / 'configs/depthdecomp/nyu_sync.py')
    cfg = cfg.train_dataloader.dataset.datasets.metric
    dataset = DATASETS.build(dict(cfg, data_root=str(tmp_path), pipeline=[]))
    info = dataset.get_data_info(0)
    assert all(Path(info[key]).is_file() for key in ('img_path', 'depth_map_path'))


def test_the_frame_border_is_masked_by_one_option():
    cfg = Config.fromfile(ROOT / 'configs/depthdecomp/nyu_51k.py')
    metric = 'train_dataloader.dataset.datasets.metric'
    cfg.merge_from_dict({f'{metric}.pipeline.1.valid_window': 'nyu'})
    load = TRANSFORMS.build(cfg.train_dataloader.dataset.datasets.metric.pipeline[1])
    assert load.valid_window == 'nyu'
