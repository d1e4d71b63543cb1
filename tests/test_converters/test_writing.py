"""Files are whole or not there, and carry what was given."""

import os

import cv2
import numpy as np
import pytest

from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.datasets.converters import writing
from depthdecomp_mm.datasets.pairing import read_pair_list


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / 'a' / 'file.png'
    writing.write_bytes(path, b'old')
    monkeypatch.setattr(os, 'replace', lambda *_: (_ for _ in ()).throw(OSError('killed')))
    with pytest.raises(OSError, match='killed'):
        writing.write_bytes(path, b'new')
    assert path.read_bytes() == b'old'
    monkeypatch.undo()
    writing.write_bytes(path, b'new')
    assert path.read_bytes() == b'new'
    assert os.listdir(path.parent) == ['file.png']


def test_depth_is_stored_in_rounded_millimetres(tmp_path):
    depth = np.array([[0, 0.0004, 0.0016, 1.2345], [65.535, 3, np.nan, 2]], np.float32)
    writing.write_depth(tmp_path / 'd.png', depth)
    stored = cv2.imread(str(tmp_path / 'd.png'), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint16
    assert stored.tolist() == [[0, 0, 2, 1234], [65535, 3000, 0, 2000]]


def test_depth_beyond_16_bits_is_refused(tmp_path):
    with pytest.raises(SampleError, match='d.png.*70.000 m'):
        writing.write_depth(tmp_path / 'd.png', np.full((2, 2), 70.0))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    'names', [('a.jpg', 'b.png'), ('12. Room/a c.jpg', 'b.png'), ('a\u3000c.jpg', 'b.png')]
)
def test_lists_are_read_back(tmp_path, names):
    rows = [(*names, 518.8579), ('c.jpg', 'd.png', 518.8579)]
    writing.write_list(tmp_path / 'list.txt', rows)
    assert read_pair_list(str(tmp_path / 'list.txt')) == [names, ('c.jpg', 'd.png')]


def test_a_trial_replaces_no_longer_list(tmp_path):
    path = tmp_path / 'list.txt'
    writing.write_list(path, [('a', 'b')] * 2)
    with pytest.raises(SampleError, match='list.txt: lists 2 pairs, found 1 with --limit'):
        writing.write_list(path, [('a', 'b')], trial=True)
    assert path.read_text() == 'a b\n' * 2
    writing.write_list(path, [('c', 'd')] * 2, trial=True)
    writing.write_list(path, [('c', 'd')])
    assert path.read_text() == 'c d\n'


def test_options_of_two_runs_must_agree(tmp_path):
    writing.record_options(tmp_path, 'tool', dict(fill='hard'))
    writing.record_options(tmp_path, 'tool', dict(fill='hard'))
    writing.record_options(tmp_path, 'other', dict(fill='soft'))
    with pytest.raises(SampleError, match="tool_options.json.*'hard'.*'soft'"):
        writing.record_options(tmp_path, 'tool', dict(fill='soft'))
