"""Configs by name, in a checkout and from a wheel."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.fileio.handlers import file_handlers

import depthdecomp_mm
from depthdecomp_mm.apis import init_model
from depthdecomp_mm.config_names import PREFIX, find_config, register_config_names
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.workshop.experiments import load_plan

from .conftest import ROOT

NAME = 'depthdecomp_mm::depthdecomp/rooms.py'
FROM_THE_WHEEL = """
import sys
import torch
import depthdecomp_mm
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.runner import CheckpointLoader
from depthdecomp_mm.apis import init_model

assert depthdecomp_mm.__file__.startswith(sys.argv[1]), depthdecomp_mm.__file__
name = 'depthdecomp_mm::depthdecomp/rooms.py'
by_name = Config.fromfile(name)
assert by_name.filename.startswith(sys.argv[1]), by_name.filename
assert get_config(name).model == by_name.model
trained = get_config('depthdecomp_mm::depthdecomp/rooms_hrwsi.py', pretrained=True)
weights = CheckpointLoader.load_checkpoint(trained.model_path)
init_model(name).load_state_dict(weights)
assert Config.fromfile('mine.py').model.encoder.model_name == 'resnet18'
model = init_model(name)
sample = model.test_step(dict(inputs=[torch.zeros(3, 96, 128)], data_samples=None))[0]
print('depth map', tuple(sample.pred_depth_map.data.shape))
"""


def test_name_is_the_file_of_the_checkout():
    by_name, by_path = Config.fromfile(NAME), Config.fromfile(ROOT / 'configs/depthdecomp/rooms.py')
    assert by_name.to_dict() == by_path.to_dict()
    assert Path(by_name.filename).samefile(by_path.filename)
    assert Path(find_config('depthdecomp/rooms.py')).samefile(by_path.filename)


def test_base_of_a_users_config(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text(f'_base_ = {NAME!r}\nmodel = dict(encoder=dict(model_name="resnet18"))\n')
    model = Config.fromfile(path).model
    assert (model.encoder.model_name, model.type) == ('resnet18', 'DepthDecomposer')
    # MMEngine marks what comes from another project, so that it is built in its scope
    assert model._scope_ == 'depthdecomp_mm'


@pytest.mark.parametrize('name', ['depthdecomp/none.py', PREFIX + 'depthdecomp/none.py'])
def test_unknown_names(name):
    with pytest.raises(FileNotFoundError, match='none.py'):
        find_config(name)


def test_other_projects_names_are_left_to_mmengine(tmp_path):
    (tmp_path / 'mine.py').write_text("_base_ = 'unheard_of::a/b.py'\n")
    with pytest.raises(AssertionError, match='does not support to load unheard_of'):
        Config.fromfile(tmp_path / 'mine.py')
    before = Config.fromfile
    register_config_names()
    assert Config.fromfile is before


def test_threads_read_one_after_the_other(tmp_path, monkeypatch):
    (tmp_path / 'mine.py').write_text('a = 1\n')
    (tmp_path / 'mine.yaml').write_text('a: 1\n')
    reading, most, read = [], [], Config.fromfile

    def slow(path, **kwargs):
        reading.append(path)
        most.append(len(reading))
        time.sleep(0.01)
        reading.pop()
        return read(path, **kwargs)

    monkeypatch.setattr(Config, 'fromfile', slow)
    handlers = dict(file_handlers)
    paths = [tmp_path / 'mine.py', tmp_path / 'mine.yaml'] * 4
    with ThreadPoolExecutor(4) as pool:
        assert [cfg.a for cfg in pool.map(read_config, paths)] == [1] * 8
    assert max(most) == 1 and file_handlers == handlers


HARMFUL = '!!python/object/apply:os.mkdir [{folder}]'
SETTINGS = 'model: {type: DepthDecomposer}\n_base_: base.yaml\n'


def read_by(reader):
    """A reader of configs or plans as a function of a path."""
    return {'config': read_config, 'plan': load_plan, 'model': init_model}[reader]


@pytest.mark.parametrize('reader', ['config', 'plan', 'model'])
@pytest.mark.parametrize('name', ['mine.yaml', 'mine.yml', 'base.yaml'])
def test_yaml_is_data(reader, name, tmp_path):
    """Also that of a base."""
    folder = tmp_path / 'made'
    (tmp_path / 'mine.yml').write_text(SETTINGS)
    (tmp_path / 'base.yaml').write_text('runs: {}\n')
    (tmp_path / name).write_text('a: ' + HARMFUL.format(folder=folder))
    given = tmp_path / ('mine.yml' if name == 'base.yaml' else name)
    with pytest.raises(UserError, match=r'mine\.ya?ml: (?s:.*)tag .*apply:os.mkdir'):
        read_by(reader)(given)
    assert not folder.exists()


def test_yaml_and_json_are_configs(tmp_path):
    (tmp_path / 'mine.yaml').write_text('_base_: base.json\nmodel: {max_depth: 5.0}\n')
    (tmp_path / 'base.json').write_text('{"model": {"type": "DepthDecomposer"}}')
    assert read_config(tmp_path / 'mine.yaml').model == dict(type='DepthDecomposer', max_depth=5)


def test_a_hosts_own_yaml_is_left_to_mmengine(tmp_path):
    (tmp_path / 'host.yaml').write_text('size: !!python/tuple [3, 4]\n')
    with pytest.raises(UserError, match='python/tuple'):
        read_config(tmp_path / 'host.yaml')
    assert Config.fromfile(tmp_path / 'host.yaml').size == (3, 4)


def build_wheel(folder):
    """Build from a copy: a build in the checkout would leave its files there."""
    source = folder / 'source'
    source.mkdir()
    hidden = shutil.ignore_patterns('__pycache__', '.mim')
    for name in ('depthdecomp_mm', 'configs', 'tools'):
        shutil.copytree(ROOT / name, source / name, ignore=hidden)
    for name in ('setup.py', 'pyproject.toml', 'README.md', 'LICENSE', 'model-index.yml'):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    pip = [sys.executable, '-m', 'pip']
    quiet = ['--no-deps', '--no-index', '--quiet', '--disable-pip-version-check']
    subprocess.run(
        [*pip, 'wheel', *quiet, '--no-build-isolation', '-w', folder, source], check=True
    )
    (wheel,) = folder.glob('*.whl')
    subprocess.run([*pip, 'install', *quiet, '--target', folder / 'site', wheel], check=True)
    return folder / 'site'


def test_the_wheel_resolves_names_and_predicts(tmp_path):
    site = build_wheel(tmp_path)
    shutil.rmtree(tmp_path / 'source')
    shipped = site / 'depthdecomp_mm' / '.mim'
    assert (shipped / 'model-index.yml').is_file() and (shipped / 'tools' / 'train.py').is_file()
    work = tmp_path / 'elsewhere'
    work.mkdir()
    (work / 'mine.py').write_text(
        f'_base_ = {NAME!r}\nmodel = dict(encoder=dict(model_name="resnet18"))\n'
    )
    result = subprocess.run(
        [sys.executable, '-c', FROM_THE_WHEEL, str(site)],
        cwd=work,
        env=dict(os.environ, PYTHONPATH=str(site), OMP_NUM_THREADS='1'),
        capture_output=True,
        text=True,
    )
    assert 'depth map (1, 96, 128)' in result.stdout, result.stderr[-3000:]
    assert Path(depthdecomp_mm.__file__).parents[1] != site
