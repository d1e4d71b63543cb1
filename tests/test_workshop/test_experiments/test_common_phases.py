"""A phase that runs have in common is trained once."""

import shutil
from pathlib import Path

import pytest
import torch

from depthdecomp_mm.engine.checkpoint import latest_checkpoint
from depthdecomp_mm.workshop.experiments import Run
from depthdecomp_mm.workshop.experiments.common_phases import take_over

MDR = {'model.metric_decoder.mdr': None}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'config.py'
    path.write_text(
        'model = dict(encoder=1, metric_decoder=dict(mdr=1))\ntrain_cfg = dict(max_epochs=2)\n'
        'phases = dict(first=dict(model=dict(metric_decoder=None)), last=dict())\n'
    )
    return path


def folder_of(run: Run, work_dir: Path) -> Path:
    folder = run.directory(work_dir)
    folder.mkdir(parents=True)
    (folder / 'config.py').write_text(run.load_config().pretty_text)
    return folder


def finish(folder: Path) -> Path:
    """Leave what a finished run does."""
    for phase in ('first', 'last'):
        (folder / phase).mkdir()
        path = folder / phase / 'epoch_2.pth'
        meta = dict(epoch=2, iter=2, name=f'{folder.parent.name} {phase}')
        torch.save(dict(meta=meta, state_dict={}, message_hub={}), path)
        (folder / phase / 'last_checkpoint').write_text(str(path))
    (folder / 'metrics.json').write_text('{}')
    return folder


def test_a_first_phase_with_the_same_settings_and_seed_is_taken(tmp_path, config):
    done = finish(folder_of(Run('a', 0, config), tmp_path / 'work'))
    new = folder_of(Run('b', 0, config, MDR), tmp_path / 'work')
    assert take_over(new) == {'first': done / 'first'}
    shutil.rmtree(done)
    found = latest_checkpoint(str(new / 'first'))
    assert torch.load(found)['meta']['name'] == 'a first'
    assert not (new / 'last').exists()
    assert take_over(new) == {}  # it has begun


@pytest.mark.parametrize(
    ('seed', 'options'),
    [
        (1, MDR),
        (0, {'model.encoder': 2}),
        (0, {'phases.first.train_cfg': dict(max_epochs=1)}),
        (0, {'phases.first': None}),
    ],
)
def test_other_phases_are_not_taken(tmp_path, config, seed, options):
    finish(folder_of(Run('a', 0, config), tmp_path / 'work'))
    assert take_over(folder_of(Run('b', seed, config, options), tmp_path / 'work')) == {}


def test_nothing_is_taken_of_a_run_that_is_not_finished(tmp_path, config):
    done = finish(folder_of(Run('a', 0, config), tmp_path / 'work'))
    (done / 'metrics.json').unlink()
    assert take_over(folder_of(Run('b', 0, config, MDR), tmp_path / 'work')) == {}
