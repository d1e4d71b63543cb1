"""Several nodes need one work dir."""

import socket

from mmengine.dist import get_rank

from depthdecomp_mm.engine.shared_folder import check_shared
from depthdecomp_mm.errors import UserError
from tests.reliability.ranks import run_ranks


def check(folders):
    folder = folders[get_rank()]
    try:
        check_shared(str(folder), seconds=0.2)
    except UserError as error:
        return str(error)


def test_folders_that_differ_are_refused_on_all_ranks(tmp_path):
    folders = [tmp_path / name for name in ('a', 'b')]
    for folder in folders:
        folder.mkdir()
    node = socket.gethostname()
    for message, folder in zip(run_ranks(check, 2, tmp_path, folders), folders, strict=True):
        assert f'{folder}: what {node} writes there is not seen on {node}: several' in message
    assert not [*folders[0].iterdir(), *folders[1].iterdir()]


def test_a_folder_in_common_is_fine(tmp_path):
    folder = tmp_path / 'work'
    folder.mkdir()
    assert run_ranks(check, 2, tmp_path, [folder] * 2) == [None, None]
    assert not [*folder.iterdir()]
