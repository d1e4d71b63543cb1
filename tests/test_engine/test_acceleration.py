"""``compile`` and ``fuse_conv_bn`` in a config: honoured everywhere, without changing results."""

from __future__ import annotations

import pytest
import torch
from mmengine.config import Config
from torch import nn

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.engine import DepthRunner, PhasedRunner
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.models import network
from tests.builders import images
from tests.test_engine.test_phased_runner import cfg  # noqa: F401

COMPILE = dict(backend='eager')


@pytest.fixture
def compiled(monkeypatch):
    """Arguments that networks were compiled with; test_conv_bn_folding compiles."""
    calls = []
    monkeypatch.setattr(network, 'CompiledNetwork', lambda f, **kwargs: calls.append(kwargs) or f)
    return calls


def test_training_and_testing_give_the_same(cfg, compiled):  # noqa: F811
    cfg.train_cfg.max_epochs = 1
    cfg.compile = COMPILE
    model = PhasedRunner(cfg).train()
    assert compiled == [COMPILE, COMPILE], 'the network of each phase is compiled once'
    plain = phase_config(cfg)
    plain.pop('compile')
    plain.load_from = f'{cfg.work_dir}/phase2/epoch_1.pth'
    plain.work_dir = f'{cfg.work_dir}/plain'
    expected = DepthRunner.from_cfg(plain).test()
    fast = Config(dict(plain, compile=COMPILE, fuse_conv_bn=True, work_dir=f'{cfg.work_dir}/fast'))
    runner = DepthRunner.from_cfg(fast)
    assert runner.test() == pytest.approx(expected, rel=1e-4)
    assert len(compiled) == 3
    assert any(isinstance(m, nn.BatchNorm2d) for m in model.modules())
    assert not any(isinstance(m, nn.BatchNorm2d) for m in runner.model.modules())


@torch.no_grad()
def test_init_model_honours_them(compiled, repo_root):
    config = repo_root / 'configs/depthdecomp/rooms.py'
    torch.manual_seed(0)
    plain = init_model(config)
    torch.manual_seed(0)
    fast = init_model(config, fuse_conv_bn=True, cfg_options=dict(compile=COMPILE))
    assert compiled == [COMPILE]
    assert not any(isinstance(m, nn.BatchNorm2d) for m in fast.modules())
    expected = plain.raw_outputs(images(1))
    for name, value in fast.raw_outputs(images(1)).items():
        difference = (value - expected[name]).abs().max() / expected[name].abs().max()
        assert difference <= 1e-5, (name, difference)


def test_compile_must_be_a_bool_or_arguments(repo_root):
    with pytest.raises(ConfigError, match="compile is 'yes', expected a bool or a dict"):
        init_model(repo_root / 'configs/depthdecomp/rooms.py', cfg_options=dict(compile='yes'))
