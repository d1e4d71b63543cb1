"""The command lines of training and testing: what they refuse, and before what."""

import json
import math
import sys
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config

from depthdecomp_mm.engine import ConfigError, DepthRunner
from depthdecomp_mm.engine.launch import join_processes, set_launcher
from depthdecomp_mm.errors import UserError
from tests.conftest import ROOT

CONFIG = str(ROOT / 'configs' / 'depthdecomp' / 'rooms.py')


@pytest.fixture
def test_tool(monkeypatch):
    return tool(monkeypatch, 'tools', 'test')


def tool(monkeypatch, folder, name):
    monkeypatch.syspath_prepend(str(ROOT / folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return __import__(name)


class Reached(Exception):
    """The config got as far as the runner."""


@pytest.fixture
def tested(test_tool, tmp_path, monkeypatch):
    """The config with which the tool would test, or with what it ends."""

    def run(*arguments, metrics=None):
        def build(cfg):
            if metrics is None:
                raise Reached(cfg)
            loop = SimpleNamespace(evaluator=SimpleNamespace(metrics=[]))
            return SimpleNamespace(
                test=lambda: metrics, test_loop=loop, cfg=cfg, model=torch.nn.Identity()
            )

        monkeypatch.setattr(DepthRunner, 'from_cfg', build)
        try:
            test_tool.main([CONFIG, 'gone.pth', '--work-dir', f'{tmp_path}/work', *arguments])
        except Reached as reached:
            return reached.args[0]

    return run


def test_options_of_the_phase_that_is_tested_hold(tested, capsys):
    options = ['phases.phase2.test_dataloader.batch_size=3', 'model.max_depth=7']
    cfg = tested('--cfg-options', *options)
    assert (cfg.test_dataloader.batch_size, cfg.model.max_depth) == (3, 7)
    cfg = tested('--phase', 'phase1', '--cfg-options', 'val_evaluator.0.prefix=mine')
    assert [(m.type, m.prefix) for m in cfg.test_evaluator] == [('KendallTau', 'mine')]
    options = ['test_evaluator.0.prefix=mine']
    for phase in ([], ['--phase', 'phase2']):  # the last one, named or not
        cfg = tested(*phase, '--cfg-options', *options)
        assert cfg.test_evaluator[0].prefix == 'mine' and len(cfg.test_evaluator) == 3
    cfg = tested('--cfg-options', 'phases.phase1.test_dataloader.batch_size=3')
    assert cfg.test_dataloader.batch_size != 3
    words = 'phases.phase1.test_dataloader.batch_size changes nothing: phase2 is tested'
    assert words in capsys.readouterr().err


def test_metrics_are_aligned(tested):
    cfg = tested('--align', 'none', 'affine_disparity')
    depth, tau, whdr = cfg.test_evaluator
    assert depth.align == ['none', 'affine_disparity'] and not {'align'} & {*tau, *whdr}
    cfg = tested('--phase', 'phase1', '--align', 'affine_disparity')
    assert cfg.test_evaluator[1].pred_key == 'pred_normalized_map'
    with pytest.raises(ConfigError, match='pred_normalized_map is known up to scale and shift'):
        tested('--phase', 'phase1', '--align', 'median')


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (['test_dataloder.batch_size=3'], "'test_dataloader' meant"),
        (['test_dataloader.batch_size=-1'], 'test_dataloader.batch_size: expected'),
        (['test_dataloader.num_worker=1'], "test_dataloader: .*'num_workers' meant"),
        (['test_evaluator=[]'], 'tests nothing: test_evaluator'),
        (['model.max_dept=3'], "model: .*'max_dept'"),
        (['param_scheduler.5.x=1'], 'param_scheduler.5.x=1 does not fit'),
        (['data_root=elsewhere'], "changes nothing, as 'data_root' is no setting"),
        (['batch_size=3'], "changes nothing, as 'batch_size' is no setting"),
    ],
)
def test_options_that_cannot_hold_are_refused(tested, arguments, words):
    with pytest.raises(ConfigError, match=words):
        tested('--cfg-options', *arguments)


def test_an_output_that_cannot_be_written_is_found_before_the_test(tested, tmp_path):
    (tmp_path / 'file').touch()
    (tmp_path / 'folder.json').mkdir()
    for option, path in (
        ('--out', 'file/m.json'),
        ('--out', 'folder.json'),
        ('--show-dir', 'file'),
    ):
        with pytest.raises(OSError, match=f'{option}.*{path.split("/")[0]}'):
            tested(option, str(tmp_path / path))


def test_metrics_are_not_written_over_what_is_tested(test_tool, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for inputs, out in (('m.json gone.pth', './m.json'), (f'{CONFIG} m.pkl', f'{tmp_path}/m.pkl')):
        with pytest.raises(UserError, match='would be written over the input'):
            test_tool.main([*inputs.split(), '--out', out])


def test_no_metrics_are_not_written(tested, tmp_path):
    with pytest.raises(UserError, match='nothing was measured'):
        tested('--out', str(tmp_path / 'm.json'), metrics=dict(tau=math.nan))
    assert not (tmp_path / 'm.json').exists()
    tested('--out', str(tmp_path / 'm.json'), metrics=dict(rmse=1.0, tau=math.nan))
    found = json.loads((tmp_path / 'm.json').read_text())
    assert found['rmse'] == 1 and 'tau' not in found


def test_the_group_of_processes_is_left_at_the_end(tested):
    """The group's threads outlived the interpreter: one run in many aborted after its work."""
    store = torch.distributed.HashStore()
    torch.distributed.init_process_group('gloo', store=store, rank=0, world_size=1)
    tested(metrics=dict(rmse=1.0))
    assert not torch.distributed.is_initialized()


@pytest.mark.parametrize(('launcher', 'lacks'), [('pytorch', 'RANK'), ('slurm', 'SLURM_PROCID')])
def test_a_launcher_that_did_not_launch(launcher, lacks, monkeypatch):
    for name in ('RANK', 'WORLD_SIZE', 'SLURM_PROCID', 'SLURM_NTASKS', 'LOCAL_RANK'):
        monkeypatch.setenv(name, '')  # restored after the test
        monkeypatch.delenv(name)
    cfg = Config()
    set_launcher(cfg, launcher)
    with pytest.raises(UserError, match=f'--launcher {launcher}: the environment lacks {lacks}'):
        join_processes(cfg.launcher)


@pytest.mark.skipif(torch.cuda.is_available(), reason='it has GPUs')
def test_a_plan_for_gpus_needs_them(monkeypatch, tmp_path):
    ablation = tool(monkeypatch, 'tools/analysis_tools', 'ablation')
    plan = str(ROOT / 'configs' / 'plans' / 'table_3.py')
    with pytest.raises(UserError, match='--gpus 0: PyTorch finds no GPU'):
        ablation.main([plan, '--work-dir', str(tmp_path / 'work'), '--gpus', '0'])
    assert not (tmp_path / 'work').exists()
