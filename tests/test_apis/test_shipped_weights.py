"""The small network that comes with the package."""

import re

import cv2
import numpy as np
import pytest
from mmengine.runner import CheckpointLoader

from depthdecomp_mm.apis import DepthInferencer, model_card
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.models.encoders.package_weights import SCHEME, SHIPPED, package_file
from depthdecomp_mm.safetensors_file import read_safetensors

FILE = package_file(SHIPPED.removeprefix(SCHEME))


@pytest.fixture(scope='module')
def meta():
    return read_safetensors(FILE)['meta']


def test_it_is_small_and_of_no_machine():
    content = FILE.read_bytes()
    assert len(content) <= 15e6
    header = content[: 8 + int.from_bytes(content[:8], 'little')].decode('latin1')
    assert not re.search(r'/(home|root|tmp|work|Users)/', header)


def test_its_card_is_that_of_the_file(meta):
    assert FILE.with_name('README.md').read_text() == model_card(meta, FILE.name)
    assert 'Training has seen 2880 images' in model_card(meta, FILE.name)


def test_half_precision_costs_nothing_that_counts(meta):
    whole, half = meta['metrics']['float32'], meta['metrics']['float16']
    assert abs(half['rmse'] / whole['rmse'] - 1) < 0.005
    assert abs(half['tau'] - whole['tau']) < 0.003


def test_a_photograph_needs_no_further_file(tool, repo_root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photograph = str(repo_root / 'tools' / 'demo' / 'office.jpg')
    tool('predict')([photograph, '--fov', '60', '--formats', 'png'])
    written = cv2.imread('outputs/office_depth.png', cv2.IMREAD_UNCHANGED) / 1000
    inferencer = DepthInferencer(device='cpu', show_progress=False)
    depth = inferencer(photograph)['predictions'][0]['depth']
    assert np.abs(written - depth).max() < 1e-3 and np.ptp(depth) > 0.5


def test_mmengine_reads_it_by_its_address():
    """As the metafile names it."""
    ours = DepthDecomposer.from_pretrained()
    ours.load_state_dict(CheckpointLoader.load_checkpoint(SHIPPED))
