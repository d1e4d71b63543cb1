"""Miniature data sets, each in its set's true format, made of simple synthetic scenes.

Every maker writes below a folder and returns what the set's converter takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from scipy.io import savemat

SMALL = (48, 64)
FULL = (480, 640)
NYU_SCENES = {'train': ('kitchen_0001', 'kitchen'), 'test': ('office_0002a', 'office')}
SUNRGBD_PREFIX = '/n/fs/sun3d/data/SUNRGBD/'
SUNRGBD_SAMPLES = {
    'train': [
        'kv1/NYUdata/NYU0003',
        'kv2/kinect2data/000002_2014-05-26_14-23-37_260595134347_rgbf000103-resize',
        'realsense/lg/2014_10_21-18_16_30-1311000073',
    ],
    'test': ['xtion/sun3ddata/brown bm.1/brown_bm_1/0000103-000003448350', 'kv1/b3dodata/img_0063'],
}
"""Folder names with dots and spaces, as the set's own."""


def scene(seed: int, size: tuple[int, int] = SMALL) -> tuple[np.ndarray, np.ndarray]:
    """A back wall, a floor and a few boxes.

    Returns:
        (H, W, 3) uint8 BGR, and (H, W) float64 depth in metres between 1 and 6, without holes.
    """
    rng = np.random.default_rng(seed)
    height, width = size
    y, x = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    depth = np.minimum(4 + 2 * x, 2.5 / np.maximum(y - 0.3, 1e-3)).clip(1.2, 6)
    image = np.stack([60 + 40 * x, 90 + 60 * y, 120 + 80 * (depth > 4)], -1)
    for _ in range(4):
        top, left = rng.uniform(0.1, 0.6, 2)
        inside = (abs(y - top - 0.12) < 0.12) & (abs(x - left - 0.1) < 0.1)
        depth = np.where(inside, np.minimum(depth, rng.uniform(1, 4)), depth)
        image = np.where(inside[..., None], rng.uniform(0, 255, 3), image)
    return (image + rng.normal(0, 3, image.shape)).clip(0, 255).astype(np.uint8), depth


def with_holes(depth: np.ndarray, seed: int) -> np.ndarray:
    """The depth with 0 in a strip at the left and in random rectangles."""
    rng = np.random.default_rng(seed)
    height, width = depth.shape
    depth = depth.copy()
    depth[:, : width // 16] = 0
    for _ in range(5):
        top, left = rng.integers(height), rng.integers(width)
        depth[top : top + height // 8, left : left + width // 8] = 0
    return depth


def millimetres(depth: np.ndarray) -> np.ndarray:
    return np.rint(depth * 1000).astype(np.uint16)


def write_image(path: Path, image: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def make_nyu_labeled(root: Path, train: int = 3, test: int = 2) -> tuple[Path, Path]:
    """``nyu_depth_v2_labeled.mat`` with object references, and ``splits.mat``.

    Training and test images alternate as long as there are both; all are 640 x 480.
    """
    import h5py

    root.mkdir(parents=True, exist_ok=True)
    mat, splits = root / 'nyu_depth_v2_labeled.mat', root / 'splits.mat'
    both = min(train, test)
    rest = ['train'] * (train - both) + ['test'] * (test - both)
    parts = ['train', 'test'] * both + rest
    count = len(parts)
    with h5py.File(mat, 'w', userblock_size=512) as file:
        images = file.create_dataset('images', (count, 3, 640, 480), 'u1')
        depths = file.create_dataset('depths', (count, 640, 480), 'f4')
        raw = file.create_dataset('rawDepths', (count, 640, 480), 'f4')
        for i in range(count):
            image, depth = scene(i, FULL)
            images[i] = image[..., ::-1].T
            depths[i], raw[i] = depth.T, with_holes(depth, i).T
        names = [NYU_SCENES[part] for part in parts]
        _write_strings(file, 'scenes', [name for name, _ in names])
        _write_strings(file, 'sceneTypes', [kind for _, kind in names])
        _write_strings(
            file, 'rawRgbFilenames', [f'{name}/r-{100 + i}.5-1.ppm' for i, (name, _) in
                                      enumerate(names)])  # fmt: skip
    # MATLAB writes 512 bytes of its own before the HDF5 file.
    with mat.open('r+b') as file:
        file.write(b'MATLAB 7.3 MAT-file'.ljust(512))
    indices = {p: [[i + 1] for i, part in enumerate(parts) if part == p] for p in NYU_SCENES}
    savemat(splits, {f'{part}Ndxs': np.array(values) for part, values in indices.items()})
    return mat, splits


def _write_strings(file, name: str, strings: Sequence[str]) -> None:
    import h5py

    references = file.create_dataset(name, (1, len(strings)), dtype=h5py.ref_dtype)
    for i, string in enumerate(strings):
        characters = np.array([[ord(c)] for c in string], np.uint16)
        references[0, i] = file.create_dataset(f'#refs#/{name}{i}', data=characters).ref


def raw_disparity(depth: np.ndarray) -> np.ndarray:
    """(H, W) uint16 11-bit disparity of metres; 2047 where the depth is 0."""
    with np.errstate(divide='ignore'):
        return np.where(depth > 0, np.rint(1092.5 - 351.3 / depth), 2047).astype(np.uint16)


def write_pgm(path: Path, values: np.ndarray, order: str = '<') -> Path:
    """16-bit PGM; ``'<'`` as the raw dump has it, ``'>'`` as the format demands."""
    header = f'P5 {values.shape[1]} {values.shape[0]} 65535\n'.encode()
    path.write_bytes(header + values.astype(f'{order}u2').tobytes())
    return path


def write_ppm(path: Path, image: np.ndarray) -> Path:
    header = f'P6 {image.shape[1]} {image.shape[0]} 255\n'.encode()
    path.write_bytes(header + image[..., ::-1].tobytes())
    return path


def make_nyu_raw(root: Path, frames: int = 4, order: str = '<') -> Path:
    """A dump of a training and a test scene, and of one that the labelled split does not name."""
    for k, name in enumerate(('kitchen_0001', 'office_0002a', 'office_0002b')):
        folder = root / name
        folder.mkdir(parents=True)
        (folder / 'INDEX.txt').write_text('not read\n')
        for i in range(frames):
            image, depth = scene(100 + 10 * k + i, FULL)
            time, ticks = 1294439279.5 + i / 20, 2230396127 + i
            write_ppm(folder / f'r-{time:.6f}-{ticks}.ppm', image)
            disparity = raw_disparity(with_holes(depth, i))
            write_pgm(folder / f'd-{time + 0.011:.6f}-{ticks + 1}.pgm', disparity, order)
            (folder / f'a-{time:.6f}-{ticks}.dump').write_bytes(bytes(36))
    return root


def make_hrwsi(root: Path, train: int = 4, val: int = 2, size: tuple[int, int] = SMALL) -> Path:
    """8-bit disparities and masks of other stems than numbers."""
    for part, count in (('train', train), ('val', val)):
        for i in range(count):
            image, depth = scene(i + 100 * (part == 'val'), size)
            disparity = np.rint(255 / depth).astype(np.uint8)
            name = f'{i}.web photo_{part}'
            write_image(root / part / 'imgs' / f'{name}.jpg', image)
            write_image(root / part / 'gts' / f'{name}.png', disparity)
            mask = np.where(with_holes(depth, i) > 0, 255, 0).astype(np.uint8)
            write_image(root / part / 'valid_masks' / f'{name}.png', mask)
    return root


def make_diml_indoor(root: Path, size: tuple[int, int] = SMALL) -> Path:
    """Both parts and both resolutions, with the set's scene names."""
    for part, scenes in (('train', ('12. Livingroom', '3. Office')), ('test', ('7. Cafe',))):
        for resolution in ('HR', 'LR'):
            for k, name in enumerate(scenes):
                for i in (1, 2):
                    image, depth = scene(100 * (part == 'test') + 10 * k + i, size)
                    folder = root / part / resolution / name
                    write_image(folder / 'color' / f'{i:06d}_c.png', image)
                    filled = folder / 'depth_filled' / f'{i:06d}_depth_filled.png'
                    write_image(filled, millimetres(depth))
    return root


def rotate_bits(values: np.ndarray) -> np.ndarray:
    """Millimetres as SUN RGB-D stores them: the three highest bits become the lowest."""
    return (values << 3) | (values >> 13)


def make_sunrgbd(root: Path, size: tuple[int, int] = SMALL) -> Path:
    """``SUNRGBD/`` and the toolbox's ``allsplit.mat`` with its cells of absolute paths."""
    cells = {}
    for part, samples in SUNRGBD_SAMPLES.items():
        cells[f'all{part}'] = np.array([[f'{SUNRGBD_PREFIX}{s}' for s in samples]], dtype=object)
        for i, sample in enumerate(samples, start=10 * (part == 'test')):
            image, depth = scene(i, size)
            folder = root / 'SUNRGBD' / sample
            write_image(folder / 'image' / f'{i:07d}.jpg', image)
            stored = rotate_bits(millimetres(with_holes(depth, i)))
            write_image(folder / 'depth_bfx' / f'{i:07d}.png', stored)
            write_image(folder / 'depth' / f'{i:07d}.png', stored)
    toolbox = root / 'SUNRGBDtoolbox' / 'traintestSUNRGBD'
    toolbox.mkdir(parents=True)
    savemat(toolbox / 'allsplit.mat', cells)
    return root


KITTI_FRAMES = {
    'train': [('2011_09_26_drive_0001_sync', 5), ('2011_09_29_drive_0004_sync', 7)],
    'val': [('2011_09_26_drive_0002_sync', 69)],
}
"""Drives of the annotated download; the last is a test scene of Eigen's."""


def lidar(depth: np.ndarray, seed: int) -> np.ndarray:
    """The depth on every third row below the upper third, with gaps; 0 elsewhere."""
    rng = np.random.default_rng(seed)
    hit = rng.random(depth.shape) < 0.7
    hit[: len(depth) // 3] = False
    hit[np.arange(len(depth)) % 3 > 0] = False
    return depth * hit


def make_kitti(root: Path, size: tuple[int, int] = (38, 124)) -> tuple[Path, Path, Path]:
    """``raw``, ``annotated`` and a test list in BTS's form with a frame without depth."""
    raw, annotated = root / 'raw', root / 'annotated'
    lines = []
    for part, frames in KITTI_FRAMES.items():
        for i, (drive, number) in enumerate(frames, start=10 * (part == 'val')):
            date, name = drive[:10], f'{number:010d}.png'
            image, depth = scene(i, size)
            path = write_image(raw / date / drive / 'image_02/data' / name, image)
            write_image(path.with_name(f'{number + 1:010d}.png'), image)
            stored = np.rint(256 * lidar(depth, i)).astype(np.uint16)
            truth = 'proj_depth/groundtruth/image_02'
            write_image(annotated / part / drive / truth / name, stored)
            write_image(annotated / part / drive / truth.replace('02', '03') / name, stored)
            relative = np.rint(30000 / depth).astype(np.uint16)
            where = f'raw/{date}/{drive}/image_02/data/{name}'
            write_image(root / 'relative' / where, relative)
            calibration = raw / date / 'calib_cam_to_cam.txt'
            calibration.write_text('S_02: 1.39e+03 5.12e+02\nP_rect_02: 7.215377e+02 0.0 6.1e+02\n')
            if part == 'val':
                lines += [
                    f'{date}/{drive}/image_02/data/{name} {drive}/{truth}/{name} 721.5377\n',
                    f'{date}/{drive}/image_02/data/{number + 1:010d}.png None 721.5377\n',
                ]
    test_list = root / 'eigen_test_files_with_gt.txt'
    test_list.write_text(''.join(lines))
    return raw, annotated, test_list


def make_custom(
    root: Path, count: int = 6, size: tuple[int, int] = SMALL, depth_scale: float = 1000.0
) -> Path:
    """``color/%05d.jpg`` and ``depth/%05d.png``."""
    for i in range(count):
        image, depth = scene(i, size)
        write_image(root / 'color' / f'{i:05d}.jpg', image)
        stored = np.rint(with_holes(depth, i) * depth_scale).astype(np.uint16)
        write_image(root / 'depth' / f'{i:05d}.png', stored)
    return root


def rewrite(path, function):
    """Change an image file by a function of its pixels."""
    write_image(path, function(cv2.imread(str(path), cv2.IMREAD_UNCHANGED)))
