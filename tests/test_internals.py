"""Private names of other packages are used in one place, and are there."""

import ast
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import lmdb
from mmengine.config import Config
from mmengine.fileio import LmdbBackend
from mmengine.model import ImgDataPreprocessor
from mmengine.registry import DefaultScope
from torch import nn
from torch.utils.data import DataLoader

from depthdecomp_mm import mmengine_internals as internals

PACKAGE = Path(__file__).resolve().parents[1] / 'depthdecomp_mm'


def private(name):
    return name.startswith('_') and not name.endswith('__')


def test_no_other_file_uses_private_names_of_others():
    trees = {path: ast.parse(path.read_text()) for path in PACKAGE.rglob('*.py')}
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    ours = {node.name for _, node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    found = []
    for path, node in nodes:
        names = []
        if isinstance(node, ast.Attribute) and not (
            isinstance(node.value, ast.Name) and node.value.id in ('self', 'cls', 'os')
        ):
            names = [node.attr]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
        found += [f'{path.name}: {n}' for n in names if private(n) and n not in ours]
    assert {line for line in found if not line.startswith('mmengine_internals')} == set()
    assert len(found) >= 8  # those of that file: the search finds what there is


def test_configs_are_read_through_two_functions():
    fromfile, get_cfg_path = internals.config_readers()
    internals.replace_config_readers(fromfile, get_cfg_path)
    assert (Config.fromfile, Config._get_cfg_path) == (fromfile, get_cfg_path)
    path, scope = get_cfg_path('base.py', '/configs/child.py')
    assert (path, scope) == ('/configs/base.py', None)


def test_default_scopes_are_known_in_their_order():
    with DefaultScope.overwrite_default_scope('a_host'):
        assert internals.default_scopes()[-1] == 'a_host'


def test_workers_end_at_once():
    loader = DataLoader([1, 2], num_workers=1, persistent_workers=True)
    next(iter(loader))
    workers = loader._iterator._workers
    internals.end_workers(loader)
    assert not any(worker.is_alive() for worker in workers)


def test_preprocessors_say_whether_they_swap_channels():
    arguments = dict(mean=[0.0] * 3, std=[1.0] * 3)
    assert internals.swaps_channels(ImgDataPreprocessor(**arguments, bgr_to_rgb=True))
    assert not internals.swaps_channels(ImgDataPreprocessor(**arguments))


def test_processes_of_a_pool_are_known():
    with ProcessPoolExecutor(1) as pool:
        pool.submit(int).result()
        assert [process.is_alive() for process in internals.processes_of(pool)] == [True]


def test_the_environment_of_a_backend_is_the_one_it_reads(tmp_path):
    with lmdb.open(str(tmp_path)) as database, database.begin(write=True) as transaction:
        transaction.put(b'key', b'value')
    backend = LmdbBackend(tmp_path)
    environment = internals.lmdb_environment(backend)
    assert internals.lmdb_environment(backend) is environment  # it cannot be opened twice
    assert backend.get('key') == b'value' and environment.stat()['entries'] == 1


def test_normalisation_layers_have_common_bases():
    assert isinstance(nn.SyncBatchNorm(2), internals.BatchNorm)
    assert isinstance(nn.InstanceNorm2d(2), internals.BatchOrInstanceNorm)
    assert not isinstance(nn.GroupNorm(1, 2), internals.BatchOrInstanceNorm)
