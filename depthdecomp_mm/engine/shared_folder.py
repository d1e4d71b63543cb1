"""A folder that the nodes of a distributed run have in common, or not."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from mmengine.dist import all_gather_object, broadcast_object_list, get_world_size, is_main_process

from depthdecomp_mm.errors import UserError
from depthdecomp_mm.files import PARTIAL


def check_shared(folder: str, seconds: float = 10.0) -> None:
    """Make sure that all processes of a run see the same files in a folder, all together.

    Args:
        folder: The folder, which exists where the main process runs.
        seconds: How long a file that was written elsewhere may take to appear.

    Raises:
        UserError: If some do not, naming their nodes.
    """
    if get_world_size() == 1 or '://' in folder:
        return
    node = socket.gethostname()
    writer = [f'{node} {time.time_ns()}']
    broadcast_object_list(writer)
    token = Path(folder, f'{PARTIAL}{writer[0].replace(" ", "_")}')
    if is_main_process():
        token.touch()
    seen = all_gather_object((node, _appears(token, seconds)))
    if is_main_process():
        token.unlink(missing_ok=True)
    blind = sorted({other for other, sees in seen if not sees})
    if blind:
        raise UserError(
            f'{folder}: what {writer[0].split()[0]} writes there is not seen on '
            f'{", ".join(blind)}: several nodes need a --work-dir in a file system that all have'
        )


def _appears(path: Path, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
