"""Importing the package: requirements and scope."""

import subprocess
import sys

import pytest
from mmengine.config import Config
from mmengine.utils import get_installed_path

from depthdecomp_mm import requirements
from depthdecomp_mm.apis import init_model
from depthdecomp_mm.engine import PhasedRunner

SCOPE_ALONE = """
from mmengine import registry
for kind, name in (
    ('MODELS', 'DepthDecomposer'),
    ('METRICS', 'KendallTau'),
    ('DATASETS', 'NYUDataset'),
    ('TRANSFORMS', 'LoadDepthAnnotation'),
    ('DATA_SAMPLERS', 'MixedDatasetSampler'),
    ('HOOKS', 'DepthVisualizationHook'),
    ('VISUALIZERS', 'DepthVisualizer'),
):
    found = getattr(registry, kind).get('depthdecomp_mm.' + name)
    assert found.__module__.startswith('depthdecomp_mm.'), name
loss = registry.MODELS.build(dict(type='depthdecomp_mm.L1Loss', loss_weight=2.0))
print('found', loss.loss_weight)
"""


def test_everything_is_found_by_scope_alone(tmp_path):
    """Without PYTHONPATH, ``custom_imports`` or a checkout as working directory."""
    result = subprocess.run(
        [sys.executable, '-c', SCOPE_ALONE], cwd=tmp_path, capture_output=True, text=True
    )
    assert 'found 2.0' in result.stdout, result.stderr


@pytest.mark.parametrize('name', requirements.REQUIRED)
@pytest.mark.parametrize('found', [None, '0.0.1'])
def test_a_missing_or_old_requirement_is_one_sentence(monkeypatch, name, found):
    def installed_version(module):
        if module != name:
            return '99.0'
        if found is None:
            raise ModuleNotFoundError(f'No module named {name!r}')
        return found

    monkeypatch.setattr(requirements, 'installed_version', installed_version)
    with pytest.raises(ImportError, match=f'needs {name} >= .*pip install') as error:
        requirements.check_requirements()
    assert '\n' not in str(error.value)


@pytest.mark.parametrize('version', ['2.15.0+cu130', '10.0', '2.6.0', '2.7.0rc1'])
def test_later_versions_pass(monkeypatch, version):
    monkeypatch.setattr(requirements, 'REQUIRED', dict(torch=('2.6.0', 'pip install torch')))
    monkeypatch.setattr(requirements, 'installed_version', lambda name: version)
    requirements.check_requirements()


def test_versions_are_those_of_the_modules():
    for name in requirements.REQUIRED:
        module = __import__(name)
        assert (
            requirements.installed_version(name).split('+')[0] == module.__version__.split('+')[0]
        )


def test_pkg_resources_is_not_needed(tmp_path, monkeypatch):
    """Later versions of setuptools come without it, and MMEngine imports it in some functions."""
    monkeypatch.setitem(sys.modules, 'pkg_resources', None)
    with pytest.raises(ImportError):
        get_installed_path('mmengine')
    path = tmp_path / 'config.py'
    path.write_text("_base_ = 'depthdecomp_mm::depthdecomp/rooms_hrwsi.py'")
    cfg = Config.fromfile(path)
    shipped = Config.fromfile('depthdecomp_mm::depthdecomp/rooms_hrwsi.py')
    assert cfg.model.encoder == shipped.model.encoder
    cfg.work_dir = str(tmp_path / 'work')
    assert PhasedRunner.from_cfg(cfg).names == ['phase1', 'phase2']
    assert init_model('depthdecomp/rooms_hrwsi.py', device='cpu').decoders
