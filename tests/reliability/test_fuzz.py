"""Damaged files are read or refused with our own error; nothing crashes, hangs or fills the memory.

``FUZZ_CASES=100000 pytest tests/reliability/test_fuzz.py`` tries more than the default.
"""

import os
import struct
import zlib

import cv2
import h5py
import numpy as np
import pytest
import scipy.io

from depthdecomp_mm.datasets import LoadDepthAnnotation, LoadImageFromFile, SampleError
from depthdecomp_mm.datasets.converters.nyu_labeled import LabeledFile, read_splits

CASES = int(os.environ.get('FUZZ_CASES', 2400))
SHAPE = (24, 32)


def encode(suffix, array):
    return cv2.imencode(suffix, array)[1].tobytes()


def numpy_file(tmp_path, save, **arrays):
    path = tmp_path / 'array'
    with open(path, 'wb') as file:
        save(file, **arrays)
    return path.read_bytes()


@pytest.fixture
def originals(tmp_path):
    """Valid files by kind: the loader that reads them and their bytes."""
    rng = np.random.default_rng(0)
    color = rng.integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    depth = rng.integers(0, 10000, SHAPE, dtype=np.uint16)
    metres = (depth / 1000).astype(np.float32)
    labeled, splits = tmp_path / 'labeled.mat', tmp_path / 'splits.mat'
    with h5py.File(labeled, 'w') as file:
        file['images'] = rng.integers(0, 256, (2, 3, 32, 24), dtype=np.uint8)
        file['depths'] = file['rawDepths'] = rng.random((2, 32, 24), dtype=np.float32)
        file['name'] = np.frombuffer(b'office_0001', np.uint8).astype(np.uint16)
        for name in ('scenes', 'sceneTypes', 'rawRgbFilenames'):
            file[name] = np.array([file['name'].ref] * 2, dtype=h5py.ref_dtype)
    scipy.io.savemat(splits, dict(trainNdxs=np.array([[1]]), testNdxs=np.array([[2]])))
    return {
        'color.jpg': (read_color, encode('.jpg', color)),
        'color.png': (read_color, encode('.png', color)),
        'depth.png': (read_depth, encode('.png', depth)),
        'depth.pgm': (read_depth, encode('.pgm', depth)),
        'depth.tiff': (read_depth, encode('.tiff', metres)),
        'depth.npy': (read_depth, numpy_file(tmp_path, lambda f: np.save(f, metres))),
        'depth.npz': (read_depth, numpy_file(tmp_path, np.savez_compressed, depth=metres)),
        'labeled.mat': (read_labeled, labeled.read_bytes()),
        'splits.mat': (read_split_file, splits.read_bytes()),
    }


def read_color(path):
    image = LoadImageFromFile()(dict(img_path=str(path)))['img']
    assert image.dtype == np.uint8 and image.ndim == 3


def read_depth(path):
    info = dict(depth_map_path=str(path), depth_scale=1000.0, max_depth=10.0)
    results = LoadDepthAnnotation()(info)
    depth, valid = results['gt_depth_map'], results['gt_valid_mask']
    assert depth.dtype == np.float32 and np.isfinite(depth).all()
    assert not depth[~valid].any() and depth.max(initial=0) <= 10


def read_labeled(path):
    with LabeledFile(path) as file:
        if len(file):
            file.image(0)
            file.depth(0, raw=True)
        file.strings('scenes')


def read_split_file(path):
    read_splits(path, 2)


def damage(rng, content, other):
    """Flip bytes, cut, splice with another file, or repeat a part."""
    data = bytearray(content)
    kind = rng.integers(4)
    start, stop = sorted(rng.integers(0, len(data) + 1, 2))
    if kind == 0:
        for place in rng.integers(0, len(data), rng.integers(1, 9)):
            data[place] = rng.integers(256)
    elif kind == 1:
        del data[start:]
    elif kind == 2:
        data[start:stop] = other[start:stop]
    else:
        data[start:start] = data[start:stop]
    return bytes(data)


def test_damaged_files(originals, tmp_path, capfd):
    rng = np.random.default_rng(1)
    names, outcomes = list(originals), {'read': 0, 'refused': 0}
    for case in range(CASES):
        name = names[case % len(names)]
        reader, content = originals[name]
        other = originals[names[rng.integers(len(names))]][1]
        path = tmp_path / f'damaged_{name}'
        path.write_bytes(damage(rng, content, other))
        try:
            reader(path)
            outcomes['read'] += 1
        except SampleError as error:
            assert path.name in str(error), f'case {case}'
            outcomes['refused'] += 1
        except Exception as error:
            raise AssertionError(f'case {case}, {name}: {type(error).__name__}: {error}') from error
    assert sum(outcomes.values()) == CASES and min(outcomes.values()) > CASES // 20


def chunk(kind, body):
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))


HUGE = 30000
BOMBS = {
    'bomb.png': b'\x89PNG\r\n\x1a\n'
    + chunk(b'IHDR', struct.pack('>IIBBBBB', HUGE, HUGE, 16, 0, 0, 0, 0))
    + chunk(b'IDAT', zlib.compress(bytes(100000)))
    + chunk(b'IEND', b''),
    'bomb.pgm': f'P5 {HUGE} {HUGE} 65535\n'.encode() + bytes(1000),
    'bomb.npy': b'\x93NUMPY\x01\x00v\x00'
    + f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({HUGE}, {HUGE}), }}".ljust(117).encode()
    + b'\n'
    + bytes(1000),
}


@pytest.mark.parametrize('name', BOMBS)
def test_a_small_file_that_announces_a_huge_image_is_refused(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(BOMBS[name])
    with pytest.raises(SampleError, match=f'{name}.*(30000|pixels|expected 3600000000)'):
        read_depth(path)
