"""Exported files give what the model gives."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.apis.export import export
from depthdecomp_mm.apis.exported import writers
from depthdecomp_mm.apis.exported.exportable import ExportableModel, ExportError
from depthdecomp_mm.calibration import Calibration
from depthdecomp_mm.errors import UserError

SIZES = [(96, 128), (160, 64)]


def predicted(model, image: np.ndarray) -> np.ndarray:
    """Depth by way of evaluation: (H, W, 3) uint8 BGR to (H, W) metres."""
    inputs = torch.from_numpy(image.transpose(2, 0, 1).copy())
    with torch.no_grad():
        sample = model.test_step(dict(inputs=[inputs], data_samples=None))[0]
    return sample.pred_depth_map.data[0].numpy()


@pytest.fixture(scope='module')
def calibrated(model):
    """Calibrated, which every export has to carry."""
    model = copy.deepcopy(model)
    model.calibration = Calibration(0.8, 0.1)
    return model


@pytest.fixture(scope='module')
def exported(calibrated, images, tmp_path_factory):
    """Run a file of each format: (B, 3, H, W) float32 RGB to (B, 1, H, W)."""
    runs = {}
    folder = tmp_path_factory.mktemp('export')
    frame = cv2.resize(images[0], (128, 96))
    assert export(calibrated, folder / 'm.pt', frame, 'torchscript', dynamic_size=True) <= 1e-3
    module = torch.jit.load(folder / 'm.pt')
    runs['torchscript'] = lambda batch: module(torch.from_numpy(batch)).numpy()
    try:
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError:
        return runs
    assert export(calibrated, folder / 'm.onnx', frame, 'onnx', dynamic_size=True) <= 1e-3
    session = onnxruntime.InferenceSession(folder / 'm.onnx', providers=['CPUExecutionProvider'])
    runs['onnx'] = lambda batch: session.run(None, {'image': batch})[0]
    written = sorted(path.name for path in folder.iterdir())
    assert written == ['m.onnx', 'm.onnx.json', 'm.pt', 'm.pt.json']
    return runs


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('batch', [1, 3])
@pytest.mark.parametrize('format', ['onnx', 'torchscript'])
def test_equal_to_pytorch(format, batch, size, exported, calibrated, images):
    if format not in exported:
        pytest.skip('onnxruntime or onnxscript is not installed')
    frames = [cv2.resize(image, size[::-1]) for image in images[:batch]]
    rgb = np.stack([f[..., ::-1].transpose(2, 0, 1) for f in frames]).astype(np.float32)
    depth = exported[format](rgb)
    assert depth.shape == (batch, 1, *size) and depth.dtype == np.float32
    for ours, frame in zip(depth, frames, strict=True):
        expected = predicted(calibrated, frame)
        assert np.ptp(expected) > 0.5
        assert np.abs(ours[0] - expected).max() / expected.max() < 1e-4


def test_dynamic_same_padding_is_frozen_without_a_change(config):
    """The authors' encoder pads by the size, which an exported graph need not."""
    torch.manual_seed(0)
    options = {'model.encoder.model_name': 'tf_mobilenetv3_small_minimal_100'}
    model = init_model(config, cfg_options=options)
    exportable = ExportableModel(model)
    image = torch.rand(1, 3, 96, 160) * 255
    normalized = (image - model.data_preprocessor.mean) / model.data_preprocessor.std
    with torch.no_grad():
        ours = exportable.model(normalized)['metric']
        assert torch.equal(ours, model(normalized)['metric'])
    layers = [type(m).__name__ for m in exportable.modules()]
    assert 'Conv2dSame' not in layers
    assert 'Conv2dSame' in [type(m).__name__ for m in model.modules()]


def test_refuses_an_export_that_differs(model, images, tmp_path, monkeypatch):
    frame = cv2.resize(images[0], (128, 96))
    write = writers.write_torchscript

    def write_wrong(*args):
        run = write(*args)
        return lambda batch: run(batch) * 1.01

    monkeypatch.setitem(writers.WRITERS, 'torchscript', write_wrong)
    with pytest.raises(ExportError, match='differs from the model by'):
        export(model, tmp_path / 'm.pt', frame, 'torchscript')
    assert not list(tmp_path.iterdir())


def test_refuses_what_cannot_be_exported(model, images, tmp_path, config):
    with pytest.raises(ExportError, match='multiples of 32, 32 or more.* found 120 x 160'):
        export(model, tmp_path / 'm.pt', images[0], 'torchscript')
    with pytest.raises(ExportError, match='needs a model that gives metres'):
        export(init_model(config, phase='phase1'), tmp_path / 'm.pt', images[0], 'torchscript')
    with pytest.raises(ExportError, match="found 'tflite'"):
        export(model, tmp_path / 'm.pt', images[0], 'tflite')
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_an_error_and_no_abort(model):
    exportable = ExportableModel(model)
    with pytest.raises(OSError, match='No space left'):
        writers.write_torchscript(
            exportable, Path('/dev/full'), torch.zeros(2, 3, 96, 128), dynamic_size=False
        )


def test_command_line(checkpoint, folder, tool, tmp_path, capsys):
    out = tmp_path / 'm.pt'
    arguments = [str(checkpoint), str(out), '--frame', str(folder / 'a.png')]
    tool('export')([*arguments, '--format', 'torchscript'])
    assert 'size 96 x 128, any batch; largest difference' in capsys.readouterr().out
    assert out.exists()
    tool('export')([*arguments, '--format', 'torchscript'])  # over that of the run before
    for size in ('100', '32000000'):
        with pytest.raises(ExportError, match=f'found {size} x 128'):
            tool('export')([*arguments, '--format', 'torchscript', '--size', size, '128'])
    with pytest.raises(SystemExit):
        tool('export')([*arguments, '--size', '0', '0'])
    assert 'expected at least 1, found 0' in capsys.readouterr().err


def test_a_folder_that_takes_no_file_is_found_first(checkpoint, tool):
    arguments = [str(checkpoint), '/proc/m.onnx', '--frame', 'gone.png']
    with pytest.raises(OSError, match='the folder of .*m.onnx'):
        tool('export')(arguments)


def test_neither_an_input_nor_a_foreign_file_is_replaced(checkpoint, folder, tool, tmp_path):
    for name in ('model.pth', 'other.pt'):
        shutil.copy(checkpoint, tmp_path / name)
    frame, given = ['--frame', str(folder / 'a.png')], str(tmp_path / 'model.pth')
    for out, words in (
        (given, 'over the input'),
        (str(folder / 'a.png'), 'over the input'),
        (str(tmp_path / 'other.pt'), 'does not say that we wrote it'),
    ):
        before = Path(out).read_bytes()
        with pytest.raises(UserError, match=words):
            tool('export')([given, out, *frame, '--format', 'torchscript'])
        assert Path(out).read_bytes() == before
