import os
import struct

import cv2
import mmcv
import numpy as np
import pytest

from depthdecomp_mm.datasets import LoadDepthAnnotation, LoadImageFromFile, SampleError

METRIC = dict(depth_scale=1000, label_type='metric', min_depth=1e-3, max_depth=10.0)


def load_depth(path, **info):
    return LoadDepthAnnotation().transform(dict(depth_map_path=path, **{**METRIC, **info}))


def with_segment(jpeg: bytes, payload: bytes) -> bytes:
    """Put an APP1 segment behind the start of a JPEG file."""
    return jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(payload) + 2) + payload + jpeg[2:]


@pytest.mark.parametrize(
    ('name', 'dtype', 'depth_scale'),
    [
        ('d.png', np.uint16, 1000),
        ('d.pgm', np.uint16, 1000),
        ('d.tiff', np.uint16, 1000),
        ('d.tiff', np.float32, 1),
        ('d.npy', np.float64, 1),
        ('d.npy', np.float16, 1),
        ('d.npy', np.int32, 1000),
    ],
)
def test_formats_agree(write, millimetres, name, dtype, depth_scale):
    stored = (millimetres * (depth_scale / 1000)).astype(dtype)
    results = load_depth(write(name, stored), depth_scale=depth_scale)
    depth, valid = results['gt_depth_map'], results['gt_valid_mask']
    assert depth.dtype == np.float32 and valid.dtype == bool
    assert np.array_equal(valid, millimetres > 0)
    assert np.allclose(depth, millimetres / 1000, rtol=1e-3 if dtype == np.float16 else 1e-6)


@pytest.mark.parametrize('names', [['depth'], ['anything'], ['rgb', 'depth']])
def test_npz(tmp_path, millimetres, names):
    arrays = dict.fromkeys(names, np.zeros((2, 2))) | {names[-1]: millimetres}
    np.savez_compressed(tmp_path / 'd.npz', **arrays)
    depth = load_depth(f'{tmp_path}/d.npz')['gt_depth_map']
    assert np.allclose(depth, millimetres / 1000, rtol=1e-6)


def test_range_and_non_finite_values_are_invalid(write):
    stored = np.float64([[np.nan, np.inf, -np.inf, -1, 0], [1e-3, 1e-4, 10, 10.01, 1e300]])
    results = load_depth(write('d.npy', stored), depth_scale=1)
    assert results['gt_valid_mask'].tolist() == [[0] * 5, [1, 0, 1, 0, 0]]
    assert np.array_equal(results['gt_depth_map'], np.float32([[0] * 5, [1e-3, 0, 10, 0, 0]]))
    unlimited = load_depth(write('d.npy', stored), depth_scale=1, min_depth=None, max_depth=None)
    assert unlimited['gt_valid_mask'].tolist() == [[0] * 5, [1, 1, 1, 1, 0]]


@pytest.mark.parametrize('label_type', ['metric', 'relative'])
def test_mask(write, label_type):
    stored = np.float32([[0, 1, 2, np.nan, 3]])
    info = dict(label_type=label_type, depth_scale=1, min_depth=None, max_depth=None)
    path = write('d.npy', stored)
    assert load_depth(path, **info)['gt_valid_mask'].tolist() == [[0, 1, 1, 0, 1]]
    info['valid_mask_path'] = write('m.png', np.uint8([[255, 0, 1, 255, 9]]))
    results = load_depth(path, **info)
    assert results['gt_valid_mask'].tolist() == [[label_type == 'relative', 0, 1, 0, 1]]
    assert results['gt_depth_map'].tolist() == [[0, 0, 2, 0, 3]]


def test_relative_accepts_8_bits_and_has_no_scale(write):
    stored = np.uint8([[0, 1, 255]])
    path = write('d.png', stored)
    results = LoadDepthAnnotation().transform(dict(depth_map_path=path, label_type='relative'))
    assert results['gt_depth_map'].tolist() == [[0, 1, 255]]
    assert results['gt_valid_mask'].tolist() == [[False, True, True]]


def test_backend_args(write, millimetres):
    path = write('d.png', millimetres)
    transform = LoadDepthAnnotation(backend_args=dict(backend='local'))
    assert transform(dict(depth_map_path=path, **METRIC))['gt_depth_map'].max() > 1


U16 = np.full((4, 5), 1000, np.uint16)


@pytest.mark.parametrize(
    ('name', 'array', 'info', 'message'),
    [
        ('d.png', np.zeros((4, 5, 3), np.uint16), {}, r'\(4, 5, 3\), expected one channel'),
        ('d.png', np.zeros((4, 5), np.uint8), {}, '8-bit depth'),
        ('d.npy', np.zeros((1, 4, 5)), {}, r'\(1, 4, 5\), expected one channel'),
        ('d.npy', np.zeros((0, 5)), {}, r'\(0, 5\), expected one channel'),
        ('d.npy', np.zeros((4, 5), complex), {}, 'complex128, expected numbers'),
        ('d.npy', np.zeros((4, 5), bool), {}, 'bool, expected numbers'),
        ('d.npy', np.full((4, 5), None), {}, 'cannot be decoded as a NumPy file'),
        ('d.npy', np.ones((4, 5)), dict(depth_encoding='sunrgbd'), 'float64, expected uint16'),
        ('d.png', U16, dict(depth_scale=0), 'depth_scale 0'),
        ('d.png', U16, dict(ori_shape=(4, 6)), 'found 4 x 5 .* expected 4 x 6 as the image'),
    ],
)
def test_bad_depth(write, name, array, info, message):
    with pytest.raises(SampleError, match=rf'd\.(png|npy): .*{message}'):
        load_depth(write(name, array), **info)


def test_bad_mask(write):
    path = write('d.png', U16)
    for array, message in (
        (np.ones((5, 4), np.uint8), 'found 5 x 4 .* expected 4 x 5 as the depth map'),
        (np.ones((4, 5, 3), np.uint8), 'expected one channel'),
    ):
        with pytest.raises(SampleError, match=rf'm\.png: .*{message}'):
            load_depth(path, valid_mask_path=write('m.png', array))
    with pytest.raises(SampleError, match=r'gone\.png: file not found'):
        load_depth(path, valid_mask_path='gone.png')


@pytest.mark.parametrize('name', ['d.png', 'd.npy', 'd.tiff', 'd.pgm', 'd.npz'])
@pytest.mark.parametrize('keep', [0.0, 0.03, 0.5, 0.97])
def test_truncated_depth(tmp_path, write, millimetres, name, keep):
    if name == 'd.npz':
        np.savez(tmp_path / name, depth=millimetres)
    else:
        write(name, millimetres)
    path = tmp_path / name
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(SampleError, match=rf'd\.{name[2:]}: '):
        load_depth(str(path))


def test_files_that_are_no_depth(tmp_path):
    (tmp_path / 'd.png').write_text('<html>not found</html>')
    with pytest.raises(SampleError, match=r'd\.png: cannot be decoded as an image'):
        load_depth(f'{tmp_path}/d.png')
    with pytest.raises(SampleError, match='cannot be read'):
        load_depth(str(tmp_path))
    os.mkfifo(tmp_path / 'pipe.png')  # which would be waited for
    with pytest.raises(SampleError, match=r'pipe\.png: cannot be read: found no regular file'):
        load_depth(f'{tmp_path}/pipe.png')
    np.savez(tmp_path / 'd.npz', a=U16, b=U16)
    with pytest.raises(SampleError, match=r"d\.npz: found arrays \['a', 'b'\]"):
        load_depth(f'{tmp_path}/d.npz')


@pytest.mark.parametrize('suffix', ['jpg', 'png', 'ppm', 'bmp'])
def test_image(write, image, suffix):
    results = LoadImageFromFile()(dict(img_path=write(f'i.{suffix}', image)))
    tolerance = 12 if suffix == 'jpg' else 0
    assert results['img'].dtype == np.uint8
    assert np.abs(results['img'].astype(int) - image).max() <= tolerance
    assert results['img_shape'] == results['ori_shape'] == image.shape[:2]


def test_image_channels_and_bits(write, image):
    def load(array):
        return LoadImageFromFile()(dict(img_path=write('i.png', array)))['img']

    grey = image[..., 0]
    assert np.array_equal(load(grey), np.stack([grey] * 3, -1))
    assert np.array_equal(load(np.dstack([image, grey])), image)
    assert np.array_equal(load(image.astype(np.uint16) * 257), image)
    floats = LoadImageFromFile(to_float32=True)(dict(img_path=write('i.png', image)))
    assert floats['img'].dtype == np.float32


def test_orientation_tag_is_ignored(tmp_path, write, image):
    path = write('i.jpg', image)
    plain = open(path, 'rb').read()
    orientation_6 = b'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0'
    tagged = tmp_path / 'tagged.jpg'
    tagged.write_bytes(with_segment(plain, orientation_6))
    assert mmcv.imread(str(tagged)).shape == (32, 24, 3)  # the tag is there and works
    loaded = LoadImageFromFile()(dict(img_path=str(tagged)))['img']
    assert np.array_equal(loaded, mmcv.imread(path))


@pytest.mark.parametrize('suffix', ['jpg', 'png', 'ppm'])
@pytest.mark.parametrize('keep', [0.0, 0.1, 0.6, 0.99])
def test_truncated_image(tmp_path, write, image, suffix, keep):
    path = tmp_path / f'i.{suffix}'
    content = open(write(path.name, cv2.resize(image, (96, 72))), 'rb').read()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(SampleError, match=rf'i\.{suffix}: '):
        LoadImageFromFile()(dict(img_path=str(path)))
    assert LoadImageFromFile(ignore_empty=True)(dict(img_path=str(path))) is None


def test_truncation_is_seen_whatever_the_decoder_does(tmp_path, write, image, monkeypatch):
    jpeg = open(write('i.jpg', image), 'rb').read()
    thumbnail = with_segment(jpeg, b'Exif\0\0' + jpeg)  # ends in a marker of its own
    path = tmp_path / 'i.jpg'
    load = LoadImageFromFile()
    for whole in (jpeg, thumbnail, jpeg + b'\0' * 99):
        path.write_bytes(whole)
        assert load(dict(img_path=str(path)))['img'].shape == image.shape
    monkeypatch.setattr(mmcv, 'imfrombytes', lambda *args, **kwargs: image)
    for cut in (jpeg[:-2], thumbnail[:-2], jpeg[:-9] + b'\0' * 99):
        path.write_bytes(cut)
        with pytest.raises(SampleError, match=r'i\.jpg: truncated JPEG'):
            load(dict(img_path=str(path)))


def test_image_that_is_missing_or_no_image(tmp_path, write):
    load = LoadImageFromFile()
    with pytest.raises(SampleError, match=r'gone\.jpg: file not found'):
        load(dict(img_path=f'{tmp_path}/gone.jpg'))
    (tmp_path / 'i.jpg').write_text('no image')
    with pytest.raises(SampleError, match=r'i\.jpg: cannot be decoded'):
        load(dict(img_path=f'{tmp_path}/i.jpg'))


def test_outside_of_the_window_nothing_is_valid(write):
    stored = np.full((480, 640), 2000, np.uint16)
    path = write('d.png', stored)
    info = dict(depth_map_path=path, **METRIC)
    results = LoadDepthAnnotation(valid_window='nyu').transform(dict(info))
    expected = np.zeros((480, 640), bool)
    expected[45:471, 41:601] = True
    assert np.array_equal(results['gt_valid_mask'], expected)
    assert np.array_equal(results['gt_depth_map'], 2 * expected)
    results = LoadDepthAnnotation(valid_window=(0, 1, 2, 4)).transform(dict(info))
    assert results['gt_valid_mask'].sum() == results['gt_valid_mask'][0, 2:4].sum() == 2
    with pytest.raises(SampleError, match="d.png: crop 'nyu' is of a frame of"):
        load = LoadDepthAnnotation(valid_window='nyu')
        load.transform(dict(METRIC, depth_map_path=write('d.png', stored[1:])))
    with pytest.raises(ValueError, match='crop must be'):
        LoadDepthAnnotation(valid_window='nyuv')
