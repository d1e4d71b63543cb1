"""A small network whose predictions are neither constant nor clamped."""

from __future__ import annotations

import importlib.util

import cv2
import numpy as np
import pytest
import torch

from depthdecomp_mm.apis import DepthInferencer, find_config, init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint

TINY = """_base_ = '{base}'
decoder = dict(channels=(32, 24, 16, 16, 16, 8))
model = dict(
    encoder=dict(model_name='test_efficientnet'),
    gradient_decoder=decoder,
    normalized_decoder=decoder,
    metric_decoder=dict(decoder, mdr=dict(embed_dims=16, feedforward_channels=32)),
)
"""


@pytest.fixture(scope='session')
def config(tmp_path_factory):
    """Path of the embedded data set's config, with narrow decoders."""
    path = tmp_path_factory.mktemp('config') / 'tiny.py'
    path.write_text(TINY.format(base=find_config('depthdecomp/rooms.py')))
    return str(path)


@pytest.fixture(scope='session')
def model(config):
    """Its network, with random weights."""
    torch.manual_seed(0)
    model = init_model(config)
    for name, parameter in model.named_parameters():
        if name.endswith('predict.weight'):
            # depth of some spread, within the range
            parameter.data *= 4 if name.startswith('metric') else 20
    model.metric_decoder.mdr.regressor[-1].bias.data.fill_(0.35)
    return model


@pytest.fixture(scope='session')
def checkpoint(model, tmp_path_factory):
    """That network's checkpoint, which carries its config."""
    path = tmp_path_factory.mktemp('checkpoint') / 'model.pth'
    meta = dict(cfg=model.cfg.pretty_text, dataset_meta=dict(dataset_type='rooms'))
    write_checkpoint(path, model.state_dict(), meta)
    return path


@pytest.fixture(scope='session')
def inferencer(model):
    return DepthInferencer(model, outputs=('normalized', 'gradients', 'mean'), show_progress=False)


@pytest.fixture(scope='session')
def images():
    """Two images of one size and one of another, (H, W, 3) uint8 BGR, smooth."""
    rng = np.random.default_rng(0)
    sizes = [(160, 120), (160, 120), (90, 131)]
    return [cv2.resize(rng.integers(0, 256, (6, 8, 3), np.uint8), size) for size in sizes]


def write_video(path, frames, size=(160, 120)):
    """A video of images (H, W, 3) uint8 BGR at 10 frames a second."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10.0, size)
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


@pytest.fixture
def folder(images, tmp_path):
    """A folder of those images and one file that is something else."""
    folder = tmp_path / 'images'
    folder.mkdir()
    for name, image in zip(('a.png', 'b.png', 'c.png'), images, strict=True):
        cv2.imwrite(str(folder / name), image)
    (folder / 'notes.txt').write_text('not an image')
    return folder


@pytest.fixture(scope='session')
def tool(repo_root):
    """The main function of a command line tool, by name."""

    def load(name: str):
        spec = importlib.util.spec_from_file_location(name, repo_root / 'tools' / f'{name}.py')
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.main

    return load
