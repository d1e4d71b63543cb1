"""Lower precision: measured, bounded, and chosen part by part."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest

from depthdecomp_mm.apis import DepthInferencer
from depthdecomp_mm.apis.exported.exportable import ExportError
from depthdecomp_mm.apis.exported.int8 import OTHERS, choose_float_parts
from depthdecomp_mm.apis.exported.loss import Bound, Frame, Metrics, read_frames
from depthdecomp_mm.apis.exported.reduced import export_reduced
from depthdecomp_mm.errors import SampleError, UserError

LOOSE = Bound(rel=10.0, tau=2.0)


def quiet(line):
    pass


@pytest.fixture
def frames(images, tmp_path):
    """Two images of the model's size with depth in millimetres, as a list."""
    for i, image in enumerate(images[:2]):
        cv2.imwrite(str(tmp_path / f'{i}.png'), cv2.resize(image, (128, 96)))
        depth = 1000 + 10 * np.arange(96, dtype=np.uint16)[:, None].repeat(128, 1)
        cv2.imwrite(str(tmp_path / f'd{i}.png'), depth)
    path = tmp_path / 'frames.txt'
    path.write_text('0.png d0.png 100\n1.png d1.png\n')
    return path


def test_the_bound_is_relative_for_rel_and_absolute_for_tau():
    bound, before = Bound(0.01, 0.003), Metrics(0.2, 0.6)
    assert bound.excess(before, Metrics(0.202, 0.6)) == pytest.approx(1)
    assert bound.excess(before, Metrics(0.2, 0.597)) == pytest.approx(1)
    assert bound.excess(before, Metrics(0.1, 0.9)) < 0
    assert bound.excess(Metrics(0.0, 1.0), Metrics(0.005, 1.0)) == pytest.approx(0.5)


def test_frames_are_taken_evenly(tmp_path, images):
    (tmp_path / 'list.txt').write_text(''.join(f'{i}.jpg None\n' for i in range(100)))
    frames = read_frames(tmp_path / 'list.txt')
    assert len(frames) == 32 and frames[0] == Frame(str(tmp_path / '0.jpg'))
    assert frames[-1].image.endswith('99.jpg')
    (tmp_path / 'folder').mkdir()
    cv2.imwrite(str(tmp_path / 'folder' / 'a.png'), images[0])
    assert read_frames(tmp_path / 'folder') == [Frame(str(tmp_path / 'folder' / 'a.png'))]
    (tmp_path / 'list.txt').write_text('# none\n')
    with pytest.raises(SampleError, match='no frame'):
        read_frames(tmp_path / 'list.txt')


class Fake:
    """Parts cost REL: a 5 %, b 2 %, c nothing."""

    COSTS = dict(a=0.05, b=0.02, c=0.0, others=0.0)

    before = Metrics(1.0, 0.5)

    def variant(self, is_float):
        return sum(cost for name, cost in self.COSTS.items() if not is_float(name))

    runner = staticmethod(lambda model: model)

    @staticmethod
    def measure(run):
        return Metrics(1.0 + run, 0.5)


@pytest.mark.parametrize(
    'bound, floats',
    [(0.1, ()), (0.03, ('A',)), (0.01, ('A', 'B')), (1e-9, ('A', 'B'))],
)
def test_the_most_gainful_parts_stay_in_float(bound, floats):
    parts, fake = dict(c='C', b='B', a='A', others=OTHERS), Fake()
    choice = choose_float_parts(fake, parts, fake, Bound(rel=bound), quiet)
    assert choice.floats == floats and choice.excess <= 1
    left = sum(Fake.COSTS[name.lower()] for name in {'A', 'B'} - set(floats))
    assert choice.after.rel == pytest.approx(1 + left)


def test_onnx_int8(model, frames, tmp_path):
    pytest.importorskip('onnxruntime')
    out, lines = tmp_path / 'q.onnx', []
    found = export_reduced(
        model, out, (96, 128), read_frames(frames), 'onnx', 'int8', 1000.0, LOOSE, say=lines.append
    )
    assert found.has_depth and found.frames == 2 and found.float_parts == ()
    assert found.after != found.before and len(lines) == 2
    weights = pytest.importorskip('onnx').load(str(out)).graph.initializer
    assert sum(w.data_type == 3 and len(w.dims) == 4 for w in weights) > 20  # INT8
    inferencer = DepthInferencer(out, show_progress=False)
    assert inferencer.model.about.precision == 'int8'
    depth = inferencer(str(tmp_path / '0.png'))['predictions'][0]['depth']
    exact = DepthInferencer(model, show_progress=False)(str(tmp_path / '0.png'))
    assert 0 < np.abs(depth - exact['predictions'][0]['depth']).mean() < 0.5


def test_a_part_in_float_is_no_longer_quantized(model, frames, tmp_path, monkeypatch):
    pytest.importorskip('onnxruntime')
    seen = {}

    def choose(quantizer, parts, calibration, bound, say):
        assert {'metric_decoder.mdr', 'metric_decoder.predict', OTHERS} <= set(parts.values())
        for floats in ((), tuple(set(parts.values()))):
            run = quantizer.runner(quantizer.variant(lambda name, f=floats: parts.get(name) in f))
            seen[floats == ()] = np.abs(calibration.before.rel - calibration.measure(run).rel)
        raise ExportError('seen')

    monkeypatch.setattr('depthdecomp_mm.apis.exported.reduced.choose_float_parts', choose)
    with pytest.raises(ExportError, match='seen'):
        export_reduced(
            model, tmp_path / 'q.onnx', (96, 128), read_frames(frames), 'onnx', 'int8', 1000.0
        )
    assert seen[False] < seen[True] / 3


def test_refused_with_numbers(model, frames, tmp_path, monkeypatch):
    pytest.importorskip('onnxruntime')
    impossible = Bound(rel=1e-9, tau=1e-9)
    monkeypatch.setattr(
        'depthdecomp_mm.apis.exported.reduced.parts_of', lambda path: {}
    )  # few tries
    with pytest.raises(ExportError, match=r'not written.* float32 has REL .* and the file REL'):
        export_reduced(
            model, tmp_path / 'q.onnx', (96, 128), read_frames(frames), 'onnx', 'int8', 1000.0,
            impossible, say=quiet,
        )  # fmt: skip
    assert not list(tmp_path.glob('*q.onnx*'))
    with pytest.raises(SampleError, match='--depth-scale'):
        export_reduced(model, tmp_path / 'q.onnx', (96, 128), read_frames(frames), 'onnx', 'int8')


@pytest.mark.parametrize('precision', ['bf16', 'int8'])
def test_openvino(precision, model, frames, tmp_path):
    pytest.importorskip('openvino')
    if precision == 'int8':
        pytest.importorskip('nncf')
    out = tmp_path / 'q.xml'
    images = [Frame(frame.image) for frame in read_frames(frames)]  # against float32 itself
    found = export_reduced(
        model, out, (96, 128), images, 'openvino', precision, bound=LOOSE, say=quiet
    )
    assert found.before == Metrics(0.0, 1.0) and not found.has_depth
    assert 0 <= found.after.rel < 0.2
    about = DepthInferencer(out, show_progress=False).model.about
    assert (about.precision, about.format) == (precision, 'openvino')
    assert sorted(p.name for p in tmp_path.glob('q.*')) == ['q.bin', 'q.xml', 'q.xml.json']


def test_openvino_and_nncf_send_nothing_home():
    pytest.importorskip('nncf')
    telemetry = pytest.importorskip('openvino_telemetry')
    from depthdecomp_mm.apis.exported.openvino_runtime import import_openvino

    import_openvino('this')
    assert not telemetry.Telemetry().consent


def test_what_is_missing_is_named(model, frames, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'openvino', None)
    with pytest.raises(UserError, match=r'needs openvino: pip install depthdecomp_mm\[openvino\]'):
        export_reduced(model, tmp_path / 'q.xml', (96, 128), read_frames(frames), depth_scale=1000)
