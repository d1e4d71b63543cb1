"""Room on the disk and rights to it are looked for before a training begins."""

import errno
import shutil

import pytest
import torch

from depthdecomp_mm.engine.disk import check_folder, check_space


def test_work_dir_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(OSError, match="work_dir '.*file/work' cannot be written to"):
        check_folder(str(tmp_path / 'file' / 'work'), 'work_dir')


def test_disk_without_room_for_two_checkpoints(tmp_path, monkeypatch):
    """1000 weights of 4 bytes and two moments each: 12 kB a checkpoint."""
    model = torch.nn.Linear(1000, 1, bias=False)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, 'disk_usage', lambda _: usage._replace(free=23_000))
    with pytest.raises(OSError, match='0 MB left') as error:
        check_space(str(tmp_path), model)
    assert error.value.errno == errno.ENOSPC
    monkeypatch.setattr(shutil, 'disk_usage', lambda _: usage._replace(free=25_000))
    check_space(str(tmp_path), model)
