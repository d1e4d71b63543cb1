"""Loading of NYU frames, jpg and 16-bit png of 640 x 480, to augmented 384 x 512 batches.

The training pipeline of the NYU configs in a `DataLoader`, against the plain loader that one would
write with Pillow and NumPy (resize, flip, gamma and colour in floating point). Frames are made up.
With --backends the pipeline's baseline is itself on plain files, and the others read the same files
from an LMDB database and from a server in a process of its own on this machine.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from depthdecomp_mm.command_line import positive_int
from depthdecomp_mm.config_names import config_folder
from depthdecomp_mm.datasets.converters.packing import files_below, keys_of, pack
from depthdecomp_mm.registry import DATASETS

from .timing import compare, report, take_turns

ROUNDS = 5
FRAMES = 16


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument('--workers', type=int, default=2, help='processes that load')
    parser.add_argument('--batch', type=positive_int, default=16)
    parser.add_argument(
        '--images', type=positive_int, default=320, help='in an epoch, which is timed'
    )
    parser.add_argument(
        '--backends', action='store_true', help='plain files, LMDB and HTTP instead of Pillow'
    )


def run(args: Namespace) -> None:
    cv2.setNumThreads(0)  # as env_cfg.mp_cfg does in training
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, 'nyu')
        write_frames(root, args.images)
        with sets_on_backends(root) if args.backends else nullcontext(plain_and_ours(root)) as sets:
            calls: dict[str, Callable[[], int]] = {
                name: epoch(dataset, args) for name, dataset in sets.items()
            }
            rows = compare(take_turns(calls, args.rounds, args.warmup))
    for row in rows:
        row.peak_mib = None  # it is taken in the workers
        row.note = f'{args.images / row.seconds:.0f} images/s'
    title = f'loader, {args.images} images, {args.workers} workers, {args.rounds} rounds'
    report(rows, title, 'cpu', args.json)


def epoch(dataset: Dataset, args: Namespace) -> Callable[[], int]:
    """A function that loads all once, by workers that live on."""
    loader = DataLoader(
        dataset, args.batch, shuffle=True, num_workers=args.workers, collate_fn=pseudo_collate,
        persistent_workers=args.workers > 0,
    )  # fmt: skip
    return lambda: sum(len(batch['inputs']) for batch in loader)


def plain_and_ours(root: Path) -> dict[str, Dataset]:
    """The baseline and the data set of the configs."""
    return {'Pillow and NumPy': PlainDataset(root), 'ours': our_dataset(root)}


@contextmanager
def sets_on_backends(root: Path) -> Iterator[dict[str, Dataset]]:
    """Our data set on plain files, in a database and on a server."""
    database = root.with_suffix('.lmdb')
    pack(keys_of(files_below(root), str(root), database), database)
    with serve(root) as url:
        yield {
            'plain files': our_dataset(root),
            'LMDB': our_dataset(root, dict(backend='lmdb', db_path=str(database))),
            'HTTP': our_dataset(url),
        }


@contextmanager
def serve(root: Path) -> Iterator[str]:
    """Serve a folder by a process of its own; gives the URL."""
    command = [sys.executable, '-u', '-m', 'http.server', '0', '--bind', '127.0.0.1']
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            yield re.search(r'http://[\d.:]+', server.stdout.readline())[0]
        finally:
            server.terminate()


def our_dataset(root: Path | str, backend_args: dict | None = None) -> Dataset:
    """The NYU data set as the configs train on it."""
    cfg = Config.fromfile(config_folder() / '_base_' / 'datasets' / 'nyu.py')
    init_default_scope('depthdecomp_mm')
    config = cfg.train_dataloader.dataset.datasets.metric
    place = dict(data_root=str(root), ann_file='list.txt', backend_args=backend_args)
    return DATASETS.build(dict(config, **place))


def write_frames(folder: Path, count: int) -> None:
    """Some frames with the detail and the noise of a camera's, and a list that repeats them."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(FRAMES):
        patches = cv2.resize(rng.integers(0, 256, (48, 64, 3)).astype(np.float32), (640, 480))
        image = (patches + rng.normal(0, 4, patches.shape)).clip(0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f'rgb_{i:05}.jpg'), image)
        depth = cv2.resize(rng.uniform(1000, 8000, (12, 16)).astype(np.float32), (640, 480))
        cv2.imwrite(str(folder / f'sync_depth_{i:05}.png'), depth.astype(np.uint16))
    lines = [f'rgb_{i % FRAMES:05}.jpg sync_depth_{i % FRAMES:05}.png' for i in range(count)]
    (folder / 'list.txt').write_text('\n'.join(lines) + '\n')


class PlainDataset(Dataset):
    """The same augmentation, written down without thinking of time."""

    def __init__(self, folder: Path) -> None:
        pairs = (line.split() for line in (folder / 'list.txt').read_text().splitlines())
        self.pairs = [(folder / image, folder / depth) for image, depth in pairs]

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> dict:
        image_path, depth_path = self.pairs[index]
        image = Image.open(image_path).resize((512, 384), Image.Resampling.BILINEAR)
        depth = Image.open(depth_path).resize((512, 384), Image.Resampling.NEAREST)
        image = np.asarray(image, dtype=np.float32) / 255
        depth = np.asarray(depth, dtype=np.float32)[..., None] / 1000
        if np.random.random() < 0.5:
            image, depth = image[:, ::-1].copy(), depth[:, ::-1].copy()
        if np.random.random() < 0.5:
            image = image ** np.random.uniform(0.9, 1.1) * np.random.uniform(0.75, 1.25)
            image = np.clip(image * np.random.uniform(0.9, 1.1, size=3), 0, 1)
        return dict(
            inputs=torch.from_numpy(image.transpose(2, 0, 1)).float(),
            data_samples=torch.from_numpy(depth.transpose(2, 0, 1)),
        )
