"""Databases are whole or not there, and hold what the data sets read."""

import shutil

import lmdb
import pytest
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.fileio import LmdbBackend

from depthdecomp_mm.datasets.converters import packing
from depthdecomp_mm.errors import ConfigError, OutputError, SampleError
from tests import mini_sets


@pytest.fixture
def to_lmdb(tool):
    """Run the converter in this process."""
    return lambda *argv: tool('dataset_converters/to_lmdb').main([str(a) for a in argv])


@pytest.fixture
def custom(tmp_path, convert):
    """Six frames, of which the last is for testing, with lists."""
    root = mini_sets.make_custom(tmp_path / 'set')
    convert('custom', root, '--depth-scale', 1000, '--light')
    return root


def keys(path):
    with lmdb.open(str(path), readonly=True, lock=False) as database, database.begin() as read:
        return {key.decode(): bytes(value) for key, value in read.cursor()}


def files(root, *patterns):
    found = [path for pattern in patterns for path in root.rglob(pattern)]
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def test_a_config_gives_a_database_for_each_root(repo_root, tiny_rooms, tmp_path, to_lmdb, capsys):
    root = tmp_path / 'rooms'
    shutil.copytree(tiny_rooms, root)
    config = repo_root / 'configs/depthdecomp/rooms_hrwsi.py'
    cfg = Config.fromfile(config)
    nyu, hrwsi = f'{root}/nyu/', f'{root}/hrwsi'
    sets = cfg.train_dataloader.dataset.datasets
    sets.metric.data_root, sets.relative.data_root = nyu, hrwsi
    cfg.val_dataloader.dataset.data_root = cfg.test_dataloader.dataset.data_root = nyu
    # of one phase alone
    loader = dict(dataset=dict(sets.relative, split='val', _delete_=True))
    cfg.phases.phase1.val_dataloader = loader
    cfg.dump(tmp_path / 'config.py')
    to_lmdb(tmp_path / 'config.py')
    assert keys(root / 'nyu.lmdb') == files(root / 'nyu', '*.jpg', '*.png', 't*.txt')
    assert keys(root / 'hrwsi.lmdb') == files(root / 'hrwsi', '*.jpg', '*.png')
    output = capsys.readouterr().out
    assert f"backend_args=dict(backend='lmdb', db_path='{root}/nyu.lmdb')" in output
    with pytest.raises(OutputError, match=r'nyu\.lmdb: is there; remove it, or give another'):
        to_lmdb(tmp_path / 'config.py')
    same = [f'train_dataloader.dataset.datasets.relative.data_root={root}/set/nyu']
    shutil.copytree(root / 'hrwsi', root / 'set/nyu')
    same += [f'phases.phase1.val_dataloader.dataset.data_root={root}/set/nyu']
    with pytest.raises(OutputError, match='nyu is not the only folder of that name'):
        to_lmdb(tmp_path / 'config.py', '--out', tmp_path / 'out', '--cfg-options', *same)
    assert not (tmp_path / 'out').exists()


def test_a_list_gives_what_it_names(custom, tmp_path, to_lmdb):
    to_lmdb(custom, '--list', 'test.txt', '--out', tmp_path / 'out')
    expected = files(custom, 'test.txt', '00005.*')
    assert len(expected) == 3 and keys(tmp_path / 'out/set.lmdb') == expected


def test_lists_of_bts_name_paths_below_the_root(custom, tmp_path, to_lmdb):
    (custom / 'bts.txt').write_text('/color/00001.jpg /depth/00001.png 518.8\n')
    to_lmdb(custom, '--list', 'bts.txt', '--type', 'NYUDataset')
    assert keys(tmp_path / 'set.lmdb') == files(custom, 'bts.txt', '00001.*')


def test_a_folder_gives_all_but_hidden_files(custom, tmp_path, to_lmdb):
    expected = files(custom, '*.*')
    (custom / 'color/.hidden').write_text('x')
    to_lmdb(custom)
    assert keys(tmp_path / 'set.lmdb') == expected
    # MMEngine's backend reads them by these keys
    backend = LmdbBackend(str(tmp_path / 'set.lmdb'))
    assert backend.get('color/00002.jpg') == expected['color/00002.jpg']


def test_missing_files_are_named_before_anything_is_written(custom, tmp_path, to_lmdb):
    for name in ('color/00001.jpg', 'depth/00003.png'):
        (custom / name).unlink()
    before = sorted(tmp_path.rglob('*'))
    message = r"set: 2 of 11 files are missing, the first: \['.*color/00001.jpg', '.*00003.png'\]"
    with pytest.raises(SampleError, match=message):
        to_lmdb(custom, '--list', 'train.txt')
    with pytest.raises(ConfigError, match='Dataset: list file not found: .*set/no.txt'):
        to_lmdb(custom, '--list', 'no.txt')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(SampleError, match='empty: found no files'):
        to_lmdb(tmp_path / 'empty')
    assert sorted(tmp_path.rglob('*')) == sorted([*before, tmp_path / 'empty'])


@pytest.mark.parametrize(
    ('setting', 'message'),
    [
        (dict(data_root=''), 'CustomDepthDataset: has no data_root'),
        (dict(backend_args=dict(backend='local')), 'Dataset: expected plain files, found backend_'),
        (dict(dept_scale=1), 'CustomDepthDataset: .*dept_scale'),
        (dict(type='NoDataset'), 'NoDataset: .*not in the'),
        (dict(type=BaseDataset, lazy_init=True), 'BaseDataset.*: expected one of this package'),
    ],
)
def test_data_sets_that_cannot_be_packed_are_refused(custom, monkeypatch, setting, message):
    monkeypatch.chdir(custom)
    config = dict(type='CustomDepthDataset', ann_file='train.txt', data_root='.', depth_scale=1)
    if isinstance(setting.get('type'), type):
        config = {}
    with pytest.raises(ConfigError, match=message):
        packing.files_of(config | setting)


def test_a_config_without_data_is_refused(tmp_path, to_lmdb, capsys):
    (tmp_path / 'c.py').write_text('model = dict()\n')
    with pytest.raises(ConfigError, match='c.py: has no data to pack'):
        to_lmdb(tmp_path / 'c.py')
    with pytest.raises(SystemExit):
        to_lmdb(tmp_path / 'c.py', '--list', 'train.txt')
    assert '--list: expected the folder of the lists' in capsys.readouterr().err


def test_keys_that_are_too_long_are_refused(tmp_path):
    folder = tmp_path.joinpath('root', *['x' * 200] * 3)
    folder.mkdir(parents=True)
    (folder / 'y').touch()
    with pytest.raises(SampleError, match='its key would have 604 bytes, LMDB takes 511'):
        packing.keys_of([str(folder / 'y')], str(tmp_path / 'root'), tmp_path / 'out')


def test_a_database_grows_as_needed(tmp_path, capsys):
    for i in range(4):
        (tmp_path / f'{i}').write_bytes(bytes([i]) * 2**22)  # MMEngine opens it with 10 MiB
    paths = {str(i): str(tmp_path / f'{i}') for i in range(4)}
    size = packing.pack(paths, tmp_path / 'out', map_size=2**16)
    assert size == (tmp_path / 'out/data.mdb').stat().st_size > 2**24
    backend = LmdbBackend(str(tmp_path / 'out'))
    assert [backend.get(str(i)) for i in range(4)] == [bytes([i]) * 2**22 for i in range(4)]
    assert '4 of 4' in capsys.readouterr().err


@pytest.mark.parametrize('end', [KeyboardInterrupt, SampleError, MemoryError])
def test_an_end_in_the_middle_leaves_nothing(custom, tmp_path, to_lmdb, monkeypatch, end):
    monkeypatch.setattr(packing, 'AT_ONCE', 2)
    read = packing.read_bytes
    before = sorted(tmp_path.rglob('*'))
    seen = []

    def fail_later(path):
        seen.append(path)
        if len(seen) > 6:
            raise end('enough')
        return read(path)

    monkeypatch.setattr(packing, 'read_bytes', fail_later)
    with pytest.raises(end, match='enough'):
        to_lmdb(custom)
    assert sorted(tmp_path.rglob('*')) == before
    monkeypatch.setattr(packing, 'read_bytes', read)
    killed = packing.partial_of(tmp_path / 'set.lmdb')  # as a kill leaves it
    killed.mkdir()
    (killed / 'data.mdb').write_bytes(b'half')
    to_lmdb(custom)
    assert keys(tmp_path / 'set.lmdb') == files(custom, '*.*') and not killed.exists()


def test_two_runs_at_once_do_not_spoil_each_other(custom, tmp_path, to_lmdb, monkeypatch):
    read = packing.read_bytes
    out = tmp_path / 'set.lmdb'

    def another_begins(path):
        if path.endswith('train.txt'):
            shutil.rmtree(packing.partial_of(out))
            packing.partial_of(out).mkdir()
            (packing.partial_of(out) / 'data.mdb').write_bytes(b'half')
        return read(path)

    monkeypatch.setattr(packing, 'read_bytes', another_begins)
    with pytest.raises(OutputError, match='set.lmdb: another run writes it, too'):
        to_lmdb(custom)
    assert not out.exists()


def test_a_database_that_came_meanwhile_is_kept(tmp_path):
    (tmp_path / 'file').write_text('x')
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out/data.mdb').write_text('theirs')
    with pytest.raises(OutputError, match='out: cannot be written: '):
        packing.pack({'file': str(tmp_path / 'file')}, tmp_path / 'out')
    assert (tmp_path / 'out/data.mdb').read_text() == 'theirs'
