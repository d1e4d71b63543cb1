"""Files are whole or not there, and those that belong together never mix with older ones."""

import errno
import hashlib
import os

import pytest

from depthdecomp_mm.files import digest_of, whole_file, write_bytes, write_together


def killed_at(monkeypatch, times):
    """Let a call of ``os.replace`` fail."""
    real, calls = os.replace, []

    def replace(*arguments):
        calls.append(arguments)
        if len(calls) == times:
            raise KeyboardInterrupt
        real(*arguments)

    monkeypatch.setattr(os, 'replace', replace)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / 'a' / 'file.png'
    write_bytes(path, b'old')
    killed_at(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(path, b'new')
    assert path.read_bytes() == b'old'
    monkeypatch.undo()
    write_bytes(path, b'new')
    assert path.read_bytes() == b'new'
    assert os.listdir(path.parent) == ['file.png']


def test_what_others_write_gets_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / 'a' / 'film.mp4'
    with whole_file(path) as partial:
        partial.write_bytes(b'old')
        assert partial.suffix == '.mp4' and not path.exists()
    with pytest.raises(KeyboardInterrupt), whole_file(path) as partial:
        partial.write_bytes(b'ne')
        raise KeyboardInterrupt
    assert path.read_bytes() == b'old'
    assert os.listdir(path.parent) == ['film.mp4']


@pytest.mark.parametrize('algorithm', [hashlib.sha256, hashlib.blake2b])
def test_a_digest_is_of_the_whole_file(tmp_path, algorithm):
    content = bytes(range(256)) * (1 << 13)  # of two blocks
    (tmp_path / 'a').write_bytes(content + b'end')
    assert digest_of(tmp_path / 'a', algorithm) == algorithm(content + b'end').hexdigest()


@pytest.mark.parametrize('times', [1, 2, 3])
def test_old_and_new_files_never_mix(tmp_path, monkeypatch, times):
    paths = [tmp_path / name for name in 'abc']
    write_together(dict.fromkeys(paths, b'old'))
    killed_at(monkeypatch, times)
    with pytest.raises(KeyboardInterrupt):
        write_together(dict.fromkeys(paths, b'new'))
    assert len({path.read_bytes() for path in paths if path.exists()}) == 1


def test_a_full_disk_is_named_with_the_file_and_changes_nothing(tmp_path, monkeypatch):
    paths = [tmp_path / name for name in 'ab']
    write_together(dict.fromkeys(paths, b'old'))

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='cannot be written: No space left on device.*/a'):
        write_together(dict.fromkeys(paths, b'new'))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        'a': b'old',
        'b': b'old',
    }
