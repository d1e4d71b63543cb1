"""Models from configs and checkpoints."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from depthdecomp_mm.apis import CheckpointError, find_config, init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.engine import DepthRunner
from depthdecomp_mm.errors import ConfigError


@pytest.mark.parametrize('kind', ['path', 'object', 'in the checkpoint'])
def test_config_may_be_a_path_an_object_or_in_the_checkpoint(kind, config, checkpoint, model):
    given = {'path': config, 'object': Config.fromfile(config), 'in the checkpoint': None}[kind]
    ours = init_model(given, checkpoint)
    assert not ours.training
    assert ours.dataset_meta == dict(dataset_type='rooms')
    assert 'phases' not in ours.cfg
    for key, value in model.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value), key


def test_configs_of_the_package_have_names(repo_root, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    name = 'depthdecomp/released/nyu_51k.py'
    assert Path(find_config(name)).samefile(repo_root / 'configs' / name)


def test_config_object_is_not_changed(config):
    cfg = Config.fromfile(config)
    before = cfg.pretty_text
    init_model(cfg, cfg_options={'model.max_depth': 5.0})
    assert cfg.pretty_text == before


def test_options_override_the_config(config):
    assert init_model(config, cfg_options={'model.max_depth': 5.0}).codec.max_depth == 5


def test_weights_that_were_trained_as_another_network_are_named(config, checkpoint):
    """They fit, and would give metres from codes."""
    other = {'model.representation': 'depth'}
    with pytest.warns(UserWarning, match="otherwise.*representation was 'inverse' and is 'depth'"):
        init_model(config, checkpoint, cfg_options=other)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        init_model(config, checkpoint)
        init_model(None, checkpoint, cfg_options=other)  # the user's own words


def test_pretrained_weights_are_not_asked_for(config):
    model = init_model(config, cfg_options={'model.encoder.pretrained': True})
    assert not model.encoder.pretrained and not model.cfg.model.encoder.pretrained


def test_phase_1_needs_its_own_network(tmp_path, config):
    first = init_model(config, phase='phase1')
    assert first.outputs == ('gradients', 'normalized')
    write_checkpoint(tmp_path / 'first.pth', first.state_dict(), {})
    with pytest.raises(CheckpointError, match=r"missing: metric_decoder.*\['phase1', 'phase2'\]"):
        init_model(config, tmp_path / 'first.pth')
    assert init_model(config, tmp_path / 'first.pth', phase='phase1').outputs == first.outputs
    with pytest.raises(ValueError, match="no phase 'phase3'"):
        init_model(config, phase='phase3')


def rename(state):
    state['encoder.stem'] = state.pop('encoder.timm_model.conv_stem.weight')


def remove(state):
    del state['metric_decoder.predict.bias']


def reshape(state):
    state['metric_decoder.predict.bias'] = torch.zeros(2)


@pytest.mark.parametrize(
    'change, words',
    [
        (rename, '1 missing: encoder.timm_model.conv_stem.weight; 1 left over: encoder.stem'),
        (remove, '1 missing: metric_decoder.predict.bias'),
        (reshape, r'metric_decoder.predict.bias \(found \(2,\), expected \(1,\)\)'),
    ],
)
def test_refuses_weights_of_another_network(change, words, model, tmp_path, config):
    state = dict(model.state_dict())
    change(state)
    write_checkpoint(tmp_path / 'other.pth', state, {})
    with pytest.raises(CheckpointError, match=f'other.pth.*{words}'):
        init_model(config, tmp_path / 'other.pth')


def test_says_what_is_not_there(tmp_path, model, config):
    with pytest.raises(CheckpointError, match=r'absent.pth: no such checkpoint'):
        init_model(config, tmp_path / 'absent.pth')
    with pytest.raises(FileNotFoundError, match='no config absent.py'):
        init_model('absent.py')
    write_checkpoint(tmp_path / 'bare.pth', model.state_dict(), {})
    with pytest.raises(CheckpointError, match='carries no config'):
        init_model(None, tmp_path / 'bare.pth')
    with pytest.raises(ValueError, match='needs a config'):
        init_model()


def test_module_prefix_of_distributed_training_is_removed(model, tmp_path, config):
    state = {f'module.{key}': value for key, value in model.state_dict().items()}
    torch.save(state, tmp_path / 'wrapped.pth')
    init_model(config, tmp_path / 'wrapped.pth')


def test_checkpoint_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / 'model.pth'
    write_checkpoint(path, dict(a=torch.zeros(1)), {})

    def fail(content, target):
        target.write_bytes(b'half')
        raise OSError('disk full')

    monkeypatch.setattr(torch, 'save', fail)
    with pytest.raises(OSError, match='disk full'):
        write_checkpoint(path, dict(a=torch.ones(1)), {})
    assert torch.load(path)['state_dict']['a'] == 0
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    'changes, words',
    [
        ({'model.max_dept': 3}, "model: .*'max_dept'"),
        ({'model.encoder.model_nam': 'resnet18'}, "model: .*'model_nam'"),
        ({'model.metric_decoder.chanels': [8] * 6}, "model: .*'chanels'"),
        ({'model.encoder.type': 'TimEncoder'}, 'model: .*TimEncoder'),
        ({'model.max_depth': 'far'}, 'model: .*str'),
        ({'model': dict(type='L1Loss', _delete_=True)}, 'model: .*encoder'),
        ({'model': dict(type='ReLU', encoder={}, _delete_=True)}, "model: .*'encoder'"),
        ({'model.encoder.x.y.5': 1}, "model: .*'x'"),
        ({'model.losses.loss_m.5.x': 1}, "model: .*'5'"),
        ({'compile': 3}, 'compile: .*bool'),
    ],
)
@pytest.mark.parametrize('of', ['config', 'checkpoint'])
def test_wrong_settings_are_a_sentence(of, changes, words, config, checkpoint):
    given = (config, None) if of == 'config' else (None, checkpoint)
    with pytest.raises(ConfigError, match=words):
        init_model(*given, cfg_options=copy.deepcopy(changes))


def test_the_runner_names_wrong_settings_of_the_network(config, tmp_path):
    cfg = Config.fromfile(config)
    cfg.work_dir = str(tmp_path)
    cfg.model.max_dept = 3
    with pytest.raises(ConfigError, match="model: .*'max_dept'"):
        DepthRunner.from_cfg(cfg)


def sparse(model):
    return {k: v.to_sparse() if v.dim() == 4 else v for k, v in model.state_dict().items()}


STATES = {
    'numbers for names': (lambda model: {1: torch.zeros(1)}, 'found the key 1, expected names'),
    'pairs for names': (lambda model: {('a', 'b'): torch.zeros(1)}, r"the key \('a', 'b'\)"),
    'a list': (lambda model: [torch.zeros(1)], "'state_dict' is expected .* found list"),
    'nothing': (lambda model: None, "'state_dict' is expected .* found NoneType"),
    'text for weights': (lambda model: dict.fromkeys(model.state_dict(), 'a'), 'of another shape'),
    'sparse weights': (sparse, 'not of this network|of another'),
    'all in another entry': (lambda model: {'model': model.state_dict()}, 'left over: model'),
}


@pytest.mark.parametrize('case', STATES)
def test_odd_weights_are_a_sentence(case, model, tmp_path, config):
    change, words = STATES[case]
    torch.save(dict(state_dict=change(model), meta=5), tmp_path / 'odd.pth')
    with pytest.raises(CheckpointError, match=f'odd.pth: .*{words}'):
        init_model(config, tmp_path / 'odd.pth')
