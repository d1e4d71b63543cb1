"""Exported files predict in the place of checkpoints."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from depthdecomp_mm.apis import DepthInferencer, Intrinsics
from depthdecomp_mm.apis.calibrate import calibrate
from depthdecomp_mm.apis.export import export
from depthdecomp_mm.apis.exported import About, ExportedModel, files, load_exported
from depthdecomp_mm.apis.exported.about import KEY, about_model, resized_to
from depthdecomp_mm.apis.exported.exportable import ExportableModel, ExportError
from depthdecomp_mm.calibration import Calibration
from depthdecomp_mm.errors import CheckpointError, SampleError, UserError

SIZE = (96, 128)
UNKNOWN = "test_dataloader=dict(dataset=dict(pipeline=[dict(type='Popen')]))"
SUFFIXES = {'onnx': '.onnx', 'openvino': '.xml'}


@pytest.fixture(scope='module')
def calibrated(model):
    model = copy.deepcopy(model)
    model.calibration = Calibration(0.8, 0.1)
    return model


@pytest.fixture(scope='module')
def about(calibrated):
    return about_model(calibrated, SIZE, format='onnx', precision='fp32')


@pytest.fixture(scope='module')
def in_python(calibrated):
    """What an exported file does, without one."""
    exportable = ExportableModel(calibrated)
    return torch.no_grad()(lambda batch: exportable(torch.from_numpy(batch)).numpy())


@pytest.fixture(scope='module')
def exported(calibrated, images, tmp_path_factory):
    """A file by its format."""
    folder, made = tmp_path_factory.mktemp('exported'), {}

    def file(format):
        pytest.importorskip('onnxscript')
        pytest.importorskip('onnxruntime' if format == 'onnx' else 'openvino')
        if format not in made:
            made[format] = folder / f'm{SUFFIXES[format]}'
            export(calibrated, made[format], cv2.resize(images[0], SIZE[::-1]), format)
        return made[format]

    return file


@pytest.mark.parametrize('format', SUFFIXES)
def test_predicts_what_the_model_predicts(format, exported, calibrated, images, folder, about):
    ours = DepthInferencer(calibrated, show_progress=False)
    theirs = DepthInferencer(exported(format), show_progress=False)
    assert theirs.model.about == replace(about, format=format)
    for flip in (False, True):
        ours.flip_test = theirs.flip_test = flip
        paths = [str(folder / name) for name in ('a.png', 'b.png', 'c.png')]
        for a, b in zip(
            ours(paths)['predictions'], theirs(paths, batch_size=2)['predictions'], strict=True
        ):
            assert a.keys() == b.keys() and a['img_path'] == b['img_path']
            assert (a['unit'], a['representation']) == (b['unit'], b['representation'])
            # resized to the file's size, and from there to the image's
            difference = np.abs(a['depth'] - b['depth'])
            assert a['depth'].shape == b['depth'].shape and np.ptp(a['depth']) > 0.5
            assert difference.mean() < 0.02 * np.ptp(a['depth'])
    assert theirs(images[0], return_vis=True)['visualization'][0].ndim == 3


def test_flipping_averages_with_the_mirrored_image(in_python, about, images):
    image = cv2.resize(images[0], SIZE[::-1])  # no resizing comes after
    inferencer = DepthInferencer(ExportedModel(in_python, about, 'm'), show_progress=False)
    plain, mirrored = (
        inferencer(x)['predictions'][0]['depth']
        for x in (image, np.ascontiguousarray(image[:, ::-1]))
    )
    inferencer.flip_test = True
    both = inferencer(image)['predictions'][0]['depth']
    assert np.abs(both - (plain + mirrored[:, ::-1]) / 2).max() < 1e-5
    assert np.abs(both - plain).max() > 1e-3


def test_native_code_runs_only_if_it_is_trusted(tmp_path, monkeypatch, about):
    path = tmp_path / 'm.pt2'
    path.write_bytes(b'code')
    opened = []

    def open_file(file):
        opened.append(file)
        return about.to_text(), lambda about: None

    monkeypatch.setitem(files.OPENERS, '.pt2', open_file)
    with pytest.raises(CheckpointError, match='holds native code.*--trust-code'):
        DepthInferencer(path)
    assert not opened
    load_exported(path, trust_code=True)
    assert opened == [path]


def test_damaged_and_foreign_files_are_a_sentence(tmp_path, exported):
    onnx = pytest.importorskip('onnx')
    for name in ('m.onnx', 'm.pt2'):
        path = tmp_path / name
        path.write_bytes(b'\0' * 64)
        with pytest.raises(CheckpointError, match='cannot load'):
            load_exported(path, trust_code=True)
    foreign = onnx.load(str(exported('onnx')))
    del foreign.metadata_props[:]
    onnx.save(foreign, str(tmp_path / 'foreign.onnx'))
    with pytest.raises(CheckpointError, match='says nothing of its images'):
        load_exported(tmp_path / 'foreign.onnx')
    with pytest.raises(CheckpointError, match='no such file'):
        load_exported(tmp_path / 'gone.onnx')


@pytest.mark.parametrize(
    'change, words',
    [
        (dict(settings='import os'), 'line 1 is no setting'),
        (dict(settings=UNKNOWN), 'none of'),
        (dict(settings=''), 'no test pipeline'),
        (dict(size=[1]), 'broken'),
        (dict(calibration=dict(scale=-1, shift=0)), 'scale > 0'),
        (dict(max_depth=-1), 'min_depth'),
        (dict(unknown=1), 'unknown'),
    ],
)  # fmt: skip
def test_what_a_file_says_is_data_and_checked(change, words, about):
    text = json.dumps(json.loads(about.to_text()) | change)
    with pytest.raises(CheckpointError, match=words):
        About.from_text(text, 'm.onnx')


def test_what_a_file_says_survives(about):
    camera = Intrinsics(100.0, 100.0, 64.0, 48.0, 128, 96)
    whole = replace(about, camera=camera, float_parts=('a', 'b'), precision='int8')
    assert About.from_text(whole.to_text(), 'm') == whole
    assert KEY == 'depthdecomp_mm'


def test_a_file_is_for_one_camera(in_python, about, images):
    camera = Intrinsics.from_focal((160, 120), 150.0)
    model = ExportedModel(in_python, replace(about, camera=camera), 'm.onnx')
    assert DepthInferencer(model, show_progress=False)(images[0])['predictions']
    same, other = (lambda size, f=f: Intrinsics.from_focal(size, f) for f in (150.0, 170.0))
    assert DepthInferencer(model, camera=same, show_progress=False)(images[0])['predictions']
    with pytest.raises(SampleError, match='m.onnx was exported for a camera'):
        DepthInferencer(model, camera=other, show_progress=False)(images[0])


def test_only_images_of_its_size(in_python, about):
    model = ExportedModel(in_python, about, 'm.onnx')
    with pytest.raises(SampleError, match=r'm.onnx takes images of \(96, 128\)'):
        model.predict(torch.zeros(1, 3, 64, 64))
    dynamic = ExportedModel(in_python, replace(about, dynamic_size=True), 'm.onnx')
    assert dynamic.predict(torch.zeros(1, 3, 64, 64))
    with pytest.raises(SampleError, match='takes images of multiples of 32'):
        dynamic.predict(torch.zeros(1, 3, 64, 65))


def test_nothing_else_can_be_asked_of_a_file(exported, config):
    path = exported('onnx')
    with pytest.raises(UserError, match="'cfg_options'.* cannot change an exported file"):
        DepthInferencer(path, cfg_options={'a': 1})
    with pytest.raises(UserError, match='needs no config'):
        DepthInferencer(config, path)
    with pytest.raises(UserError, match="'metric'.* but not .*'normalized'"):
        DepthInferencer(path, outputs=['normalized'])
    with pytest.raises(UserError, match='runs on the CPU'):
        DepthInferencer(path, device='cuda:0')
    with pytest.raises(UserError, match='calibrate the checkpoint'):
        calibrate(DepthInferencer(path), {})


def test_the_pipeline_gives_the_size_of_the_file():
    steps = [dict(type='LoadImageFromFile'), dict(type='Resize', scale=(8, 6), keep_ratio=True)]
    assert resized_to(steps, (96, 128))[1] == dict(type='Resize', scale=(128, 96), keep_ratio=False)
    assert [s['type'] for s in resized_to(steps[:1], (1, 2))] == ['LoadImageFromFile', 'Resize']


def test_formats_have_their_suffix(model, images, tmp_path):
    with pytest.raises(ExportError, match='ends in .xml'):
        export(model, tmp_path / 'm.onnx', cv2.resize(images[0], SIZE[::-1]), 'openvino')


def test_command_line(exported, folder, tool, tmp_path, capsys):
    arguments = [str(folder / 'a.png'), '--checkpoint', str(exported('onnx'))]
    assert tool('predict')([*arguments, '--out-dir', str(tmp_path / 'out')]) == 0
    assert 'a_depth.png' in [path.name for path in (tmp_path / 'out').iterdir()]
