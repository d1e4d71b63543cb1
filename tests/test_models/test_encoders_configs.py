"""The shipped backbones build, and train two iterations at a small size."""

import runpy

import pytest
import torch
import yaml
from mmengine.analysis import FlopAnalyzer, get_model_complexity_info
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.models import TimmViTEncoder
from depthdecomp_mm.registry import MODELS
from tests.builders import images, light_model, sample
from tests.conftest import ROOT

CONFIGS = ROOT / 'configs' / 'depthdecomp'
BACKBONES = sorted(CONFIGS.glob('backbones/*.py'))


@pytest.fixture(scope='module', autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # models are small for two
    yield
    torch.set_num_threads(before)


def test_every_backbone_comes_over_both_data_sets():
    names = {base: set() for base in ('nyu_51k', 'rooms')}
    for path in BACKBONES:
        base = next(b for b in names if path.stem.startswith(b))
        names[base].add(path.stem.removeprefix(f'{base}_'))
        assert len(path.read_text().splitlines()) <= 6
    assert names['nyu_51k'] == names['rooms'] and len(names['rooms']) == 6


@pytest.mark.parametrize('path', BACKBONES, ids=lambda p: p.stem)
def test_two_iterations(path):
    cfg = phase_config(Config.fromfile(path))
    cfg.model.encoder.pretrained = False
    init_default_scope('depthdecomp_mm')
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).train()
    optimizer = build_optim_wrapper(model, cfg.optim_wrapper)
    samples = [sample((64, 96), seed=i) for i in range(2)]
    for _ in range(2):
        terms = model(images(2, (64, 96)), samples, mode='loss')
        loss = sum(terms.values())
        assert loss.isfinite()
        loss.backward()
        assert [k for k, p in model.named_parameters() if p.requires_grad and p.grad is None] == []
        optimizer.step()
        optimizer.zero_grad()


def test_metafile_lists_every_config():
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    models = [
        m for part in index['Import'] for m in yaml.safe_load((ROOT / part).read_text())['Models']
    ]
    listed = {ROOT / m['Config'] for m in models}
    own = {path for path in CONFIGS.rglob('*.py') if not path.stem.startswith('custom')}
    # an experiment's and its parents, no models to use
    own -= {*CONFIGS.glob('ablation/rooms/*.py'), *CONFIGS.glob('rooms_256*.py')}
    own -= {*CONFIGS.glob('ablation/pretrained/*.py'), *CONFIGS.glob('few_shot/*.py')}
    own -= {CONFIGS / 'adapt.py'}  # as custom*.py
    assert listed == own and len(models) == len(listed)
    assert len({m['Name'] for m in models}) == len(models)
    paper = {m['Name']: m['Results'][0]['Metrics'] for m in models if 'Results' in m}
    assert (paper['nyu_51k']['RMSE'], paper['nyu_17k_m_n']['WHDR']) == (0.362, 14.19)


def test_complexity_by_mmengines_tool():
    """Its multiply-adds of the stem are those that follow from the kernel and the output's size."""
    model = light_model().eval()
    info = get_model_complexity_info(model, (3, 96, 128), show_table=False, show_arch=False)
    assert info['params'] == sum(p.numel() for p in model.parameters())
    analyzer = FlopAnalyzer(model, (torch.zeros(1, 3, 96, 128),))
    stem = model.encoder.timm_model.conv_stem
    assert analyzer.by_module()['encoder.timm_model.conv_stem'] == stem.weight.numel() * 48 * 64
    assert analyzer.total() == info['flops']


def test_the_table_counts_fused_attention():
    """As many multiply-adds as MMEngine counts where attention is two matrix products."""
    tool = runpy.run_path(str(ROOT / 'tools' / 'analysis_tools' / 'backbones.py'), run_name='tool')
    image, counts = torch.zeros(1, 3, 64, 96), []
    for fused in (True, False):
        encoder = TimmViTEncoder('vit_tiny_patch16_224', embed_dim=48, depth=4, num_heads=3)
        for block in encoder.timm_model.blocks:
            block.attn.fused_attn = fused
        counts.append(tool['giga_multiply_adds'](encoder.eval(), image))
    assert counts[0] == pytest.approx(counts[1]) and counts[0] > 0


def test_the_table_is_relative_to_its_first_row():
    tool = runpy.run_path(str(ROOT / 'tools' / 'analysis_tools' / 'backbones.py'), run_name='tool')
    models = {'a': light_model().eval(), 'b': light_model().eval()}
    first, second = tool['compare'](models, torch.zeros(1, 3, 96, 128), 3)
    assert first[-1] == 1 and second[-1] > 0 and first[1:4] == second[1:4]
    assert f'| `a` | {first[1]:.1f} |' in tool['table']([first, second])
