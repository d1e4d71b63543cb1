"""From a folder of frames to a network of the camera, in one command."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from depthdecomp_mm.apis import DepthInferencer, adapt, init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.calibration import NO_CALIBRATION, Calibration
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.engine.phases import phase_config, read_phases
from depthdecomp_mm.errors import CheckpointError, ConfigError
from depthdecomp_mm.models.encoders.package_weights import SHIPPED
from tests import mini_sets

NARROW = dict(channels=(32, 24, 16, 16, 16, 8))
TINY = {
    'model.encoder.model_name': 'test_efficientnet',
    'model.gradient_decoder': NARROW,
    'model.normalized_decoder': NARROW,
    'model.metric_decoder': dict(NARROW, mdr=dict(embed_dims=16, feedforward_channels=32)),
}


@pytest.fixture(scope='module')
def start(tmp_path_factory):
    """A checkpoint of a small network with random weights, which carries its config."""
    torch.manual_seed(0)
    model = init_model('depthdecomp/rooms.py', cfg_options=TINY)
    path = tmp_path_factory.mktemp('start') / 'start.pth'
    write_checkpoint(path, model.state_dict(), dict(cfg=model.cfg.pretty_text))
    return path


@pytest.fixture(scope='module')
def run(tool):
    def adapt_frames(root, out, *arguments):
        argv = [root, '--depth-scale', 1000, '--out', out, '--workers', 1, *arguments]
        return tool('adapt')(list(map(str, argv)))

    return adapt_frames


@pytest.fixture(scope='module')
def adapted(tmp_path_factory, start, run):
    """Six frames to train on, two to test on, and all eight as images without depth."""
    folder = tmp_path_factory.mktemp('adapted')
    root = mini_sets.make_custom(folder / 'set', count=8)
    arguments = ['--checkpoint', start, '--steps', 3, '--test-fraction', 0.25]
    arguments += ['--unlabelled', root / 'color']

    def again():
        return run(root, folder / 'out', *arguments)

    assert again() == 0
    return folder / 'out', again


def test_the_network_is_there_with_its_numbers(adapted):
    out, _ = adapted
    depth = DepthInferencer(weights=out / 'adapted.pth', show_progress=False)(
        str(out.parent / 'set/color/00007.jpg')
    )['predictions'][0]['depth']
    assert depth.shape == mini_sets.SMALL
    metrics = json.loads((out / 'metrics.json').read_text())
    assert list(metrics) == ['constant', 'trained', 'calibrated']
    assert metrics['trained']['abs_rel'] > 0 and 'tau' not in metrics['constant']
    report = (out / 'report.md').read_text()
    assert '6 to train on, 2 held out' in report
    assert 'unlabelled frames: 6, labelled by' in report
    assert f'| trained | {metrics["trained"]["rmse"]:.3f} |' in report


def test_frames_to_test_on_are_not_labelled(adapted):
    names = {path.stem for path in (adapted[0] / 'labels/train/imgs').iterdir()}
    assert names == {f'{i:05d}' for i in range(6)}


def test_the_config_repeats_the_training(adapted, start):
    cfg = read_config(adapted[0] / 'config.py')
    assert list(read_phases(cfg)) == ['phase2']
    cfg = phase_config(cfg)
    assert cfg.load_from == str(start)
    assert cfg.model.encoder.model_name == 'test_efficientnet'
    assert cfg.train_cfg.max_iters == 3
    assert cfg.train_dataloader.sampler.quotas == dict(metric=4, relative=4)
    assert cfg.model.max_depth == cfg.test_dataloader.dataset.max_depth == 10


def test_the_same_command_goes_on(adapted):
    out, again = adapted
    before = (out / 'metrics.json').read_text()
    trained = out / 'training/phase2/iter_3.pth'
    time = trained.stat().st_mtime_ns
    assert again() == 0
    assert trained.stat().st_mtime_ns == time
    assert (out / 'metrics.json').read_text() == before


def test_a_changed_config_is_kept(adapted):
    out, again = adapted
    path = out / 'config.py'
    text = path.read_text()
    path.write_text(text + 'log_level = "DEBUG"\n')
    with pytest.raises(SampleError, match=r'config.py: is there and was changed since'):
        again()
    path.write_text(text)


def test_another_schedule_needs_another_folder(adapted, run, start):
    out, _ = adapted
    arguments = ('--checkpoint', start, '--steps', 4, '--test-fraction', 0.25)
    with pytest.raises(ConfigError, match='holds checkpoints of another config'):
        run(out.parent / 'set', out, *arguments)


@pytest.mark.parametrize('worse', [True, False])
def test_a_scale_is_kept_if_it_helps_on_held_out_frames(
    worse, adapted, tmp_path, monkeypatch, start, run
):
    rels = iter([0.3, 0.4 if worse else 0.2])
    found = lambda *_: dict(abs_rel=next(rels), rmse=1.0, d1=0.5, tau=0.5)  # noqa: E731
    monkeypatch.setattr(adapt, 'evaluate', found)
    monkeypatch.setattr(adapt, 'train', lambda *_: adapted[0] / 'training/phase2/iter_3.pth')
    monkeypatch.setattr(adapt, 'fitted_scale', lambda *_: Calibration(1.5))
    run(adapted[0].parent / 'set', tmp_path, '--checkpoint', start)
    model = init_model(checkpoint=tmp_path / 'adapted.pth')
    assert model.calibration == (NO_CALIBRATION if worse else Calibration(1.5))
    assert ('is left out' in (tmp_path / 'report.md').read_text()) == worse


def test_the_network_that_comes_along_is_a_start(tmp_path, run):
    root, out = mini_sets.make_custom(tmp_path / 'set', count=3), tmp_path / 'out'
    assert run(root, out, '--checkpoint', SHIPPED, '--steps', 1) == 0
    assert read_config(out / 'config.py').load_from == SHIPPED
    assert f'- start: {SHIPPED}' in (out / 'report.md').read_text()


def test_from_the_encoder_there_are_two_phases(tmp_path):
    config = adapt.AdaptConfig(tmp_path, 1000.0, 8.0, adapt.steps_for(16, trained=False))
    (tmp_path / 'config.py').write_text(adapt.config_text(config))
    cfg = read_config(tmp_path / 'config.py')
    phases = [phase_config(cfg, name) for name in read_phases(cfg)]
    assert [phase.train_cfg.max_iters for phase in phases] == [66, 132]
    assert [phase.param_scheduler[1].T_max for phase in phases] == [66, 132]
    assert phases[0].model.metric_decoder is None
    assert phases[1].model.max_depth == 8
    assert list(phases[1].train_dataloader.dataset.datasets) == ['metric']


@pytest.mark.parametrize(('frames', 'steps'), [(4, 120), (100, 300), (5000, 900)])
def test_more_frames_have_more_steps(frames, steps):
    assert adapt.steps_for(frames, trained=True) == (0, steps)


def test_a_network_without_m_net_is_refused(tmp_path, start, run):
    options = {key: value for key, value in TINY.items() if 'metric' not in key}
    model = init_model('depthdecomp/rooms.py', phase='phase1', cfg_options=options)
    path = tmp_path / 'phase1.pth'
    write_checkpoint(path, model.state_dict(), dict(cfg=model.cfg.pretty_text))
    root = mini_sets.make_custom(tmp_path / 'set')
    with pytest.raises(CheckpointError, match='found a network without M-Net'):
        run(root, tmp_path / 'out', '--checkpoint', path)


def test_images_that_are_all_held_out_are_told(tmp_path, start, run):
    root = mini_sets.make_custom(tmp_path / 'set', count=4)
    held_out = root / 'color/00003.jpg'
    with pytest.raises(SampleError, match='all 1 frames are held out'):
        run(root, tmp_path / 'out', '--checkpoint', start, '--unlabelled', held_out)


def test_a_teacher_needs_frames(tmp_path, run, capsys):
    with pytest.raises(SystemExit):
        run(tmp_path, tmp_path / 'out', '--teacher', 'x.pth')
    assert '--unlabelled and --teacher belong together' in capsys.readouterr().err


def test_a_report_says_when_a_network_is_useless():
    report = adapt.AdaptReport(
        *(12, 3, 0, '', '', adapt.Steps(40, 80), 2.5),
        constant=dict(rmse=0.9, abs_rel=0.3, d1=0.4),
        trained=dict(rmse=1.0, abs_rel=0.4, d1=0.4, tau=0.2),
        scaled=dict(rmse=1.0, abs_rel=0.35, d1=0.4, tau=0.2),
        calibration=Calibration(1.2),
        checkpoint=Path('out/adapted.pth'),
        config=Path('out/config.py'),
    )
    text = adapt.report_text(report)
    assert 'no better than the constant in REL: do not use it' in text
    assert '3 held-out frames are few' in text
    assert '| constant (2.500 m) | 0.900 | 0.300 | 0.400 | - |' in text
    better = replace(report, trained=dict(report.trained, abs_rel=0.2))
    assert 'do not use it' not in adapt.report_text(better)
