"""Weights that do not fit are refused or named, and never silently replaced by random ones."""

import copy
from unittest.mock import Mock

import pytest
import torch
from mmengine.config import Config
from torch import nn

from depthdecomp_mm.calibration import Calibration
from depthdecomp_mm.engine import CheckpointError, DepthRunner, PhasedRunner
from depthdecomp_mm.engine.weights import covers, load_weights, weights_of
from tests.builders import light_model
from tests.conftest import ROOT


def network(width=3):
    return nn.ModuleDict(dict(encoder=nn.Linear(2, width), head=nn.BatchNorm1d(width)))


def state():
    return {key: torch.full_like(value, 7) for key, value in network().state_dict().items()}


def load(weights, strict=False):
    model = network()
    return model, load_weights(model, weights_of(weights, 'f.pth'), 'f.pth', strict)


@pytest.mark.parametrize('wrap', [dict, lambda s: dict(state_dict=s)])
def test_all_of_it(wrap):
    model, unfit = load(wrap(state()), strict=True)
    assert unfit == '' and torch.equal(model.encoder.weight, torch.full((3, 2), 7.0))
    prefixed = {f'module.{key}': value for key, value in state().items()}
    assert load(wrap(prefixed), strict=True)[1] == ''


@pytest.mark.parametrize(
    ('weights', 'words'),
    [
        (dict(model=state()), 'f.pth: expected tensors by name.*model is none'),
        ({}, 'nothing is none'),
        ({1: torch.zeros(1)}, 'found the key 1'),
        (dict(state_dict=[1]), 'found list'),
        (dict(state_dict=dict(a='text')), 'a is none'),
        (dict(other=torch.zeros(1)), 'not of this network: 6 missing: .*; 1 left over: other$'),
        (
            {f'net.{key}': value for key, value in state().items()},
            "Remove the prefix 'net.' of its keys",
        ),
        (
            {key.removeprefix('encoder.'): value for key, value in state().items() if 'enc' in key},
            "lack the prefix 'encoder.'",
        ),
        ({k: torch.zeros(5) for k in state()}, '7 of another shape'),
    ],
)
def test_a_file_of_which_nothing_fits_is_refused(weights, words):
    with pytest.raises(CheckpointError, match=words):
        load(weights)


def test_a_file_of_which_a_part_fits_is_loaded_and_the_rest_named():
    weights = {key: value for key, value in state().items() if 'encoder' in key}
    weights |= {'encoder.bias': torch.zeros(9), 'neck.weight': torch.zeros(1)}
    model, unfit = load(weights)
    assert torch.equal(model.encoder.weight, torch.full((3, 2), 7.0))
    assert unfit == (
        '4 missing: head.weight, head.bias, head.running_mean, head.running_var; '
        '1 left over: neck.weight; 1 of another shape: encoder.bias'
    )
    with pytest.raises(CheckpointError, match='not of this network: 4 missing'):
        load(weights, strict=True)


def test_whether_a_part_is_covered():
    assert covers(state(), 'encoder', network().encoder)
    assert not covers(state(), 'encoder', network(width=4).encoder)
    assert not covers(dict(list(state().items())[1:]), 'encoder', network().encoder)


def phased(tmp_path, **changes):
    cfg = Config.fromfile(ROOT / 'configs' / 'depthdecomp' / 'rooms_random.py')
    cfg.work_dir = str(tmp_path)
    cfg.merge_from_dict(changes)
    return PhasedRunner.from_cfg(cfg)


@pytest.mark.parametrize('part', ['encoder', 'decoders', 'all'])
def test_pretrained_weights_are_left_out_only_where_others_replace_them(
    tmp_path, monkeypatch, part
):
    path, started = tmp_path / 'start.pth', []
    weights = {
        key: value
        for key, value in light_model().state_dict().items()
        if part == 'all' or key.startswith('encoder.') == (part == 'encoder')
    }
    torch.save(weights, path)

    def start(cfg):
        started.append(copy.deepcopy(cfg))
        raise KeyboardInterrupt

    monkeypatch.setattr(DepthRunner, 'from_cfg', start)
    runner = phased(tmp_path, load_from=str(path), **{'model.encoder.pretrained': True})
    with pytest.raises(KeyboardInterrupt):
        runner._train_from(0, None, None)
    assert started[0].model.encoder.get('pretrained', False) == (part == 'decoders')
    assert started[0].load_from == str(path)


def test_a_phase_before_with_another_encoder_is_refused(tmp_path):
    model = light_model(encoder=dict(model_name='mobilenetv3_small_050'), metric_decoder=None)
    (tmp_path / 'phase1').mkdir()
    path = tmp_path / 'phase1' / 'epoch_4.pth'
    torch.save(
        dict(meta=dict(epoch=4, iter=4), state_dict=model.state_dict(), message_hub={}), path
    )
    with pytest.raises(CheckpointError, match='epoch_4.pth: holds another encoder than'):
        phased(tmp_path)._train_from(1, None, None)


@pytest.mark.parametrize('tested', [True, False])
def test_a_network_that_is_tested_otherwise_than_it_was_trained(tested, tmp_path):
    model, cfg = light_model(), Config(dict(model=dict(representation='inverse')))
    weights = dict(state_dict=model.state_dict(), meta=dict(cfg=cfg.pretty_text))
    torch.save(weights, tmp_path / 'm.pth')
    cfg.model.representation = 'depth'
    runner = DepthRunner(model, work_dir=str(tmp_path), default_scope='depthdecomp_mm', cfg=cfg)
    runner.logger.warning = logged = Mock()
    runner._testing = tested
    runner.load_checkpoint(str(tmp_path / 'm.pth'))
    said = [call.args[0] for call in logged.call_args_list if 'was trained otherwise' in str(call)]
    assert len(said) == tested


def test_a_calibration_is_for_tests_alone(tmp_path):
    model = light_model()
    weights = dict(state_dict=model.state_dict(), meta=dict(calibration=dict(scale=1.2, shift=0.1)))
    torch.save(weights, tmp_path / 'm.pth')
    runner = DepthRunner(model, work_dir=str(tmp_path), default_scope='depthdecomp_mm')
    logged = Mock(wraps=runner.logger.warning)
    runner.logger.warning = logged
    runner.load_checkpoint(str(tmp_path / 'm.pth'))
    assert model.calibration == Calibration()
    assert 'is calibrated, which training does not take over' in logged.call_args.args[0]
    runner._testing = True
    runner.load_checkpoint(str(tmp_path / 'm.pth'))
    assert model.calibration == Calibration(1.2, 0.1)
    assert logged.call_count == 1
