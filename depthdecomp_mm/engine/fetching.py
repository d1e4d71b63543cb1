"""Where weights come from: a file, a package, a hub, the web."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import torch
from huggingface_hub import hf_hub_download
from mmengine import fileio
from mmengine.dist import barrier, is_main_process

from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.models.encoders.package_weights import SCHEME, package_file

HUB_FILE = 'model.safetensors'
"""The file of a repository on the hub, where an address names none."""
HUB_ADDRESS = re.compile(
    r'hf://(?P<repo_id>[^/@]+/[^/@]+)(?:@(?P<revision>[^/]+))?(?:/(?P<filename>.+))?'
)


@contextmanager
def local_copy(address: str) -> Iterator[str]:
    """Bring a file to this machine, unless it is there.

    Files of the web and of the hub stay in the caches of PyTorch and ``huggingface_hub`` and are
    fetched once. Both are honoured: ``TORCH_HOME``, and ``HF_HOME`` or ``HF_HUB_OFFLINE``.

    Args:
        address: A path, ``package://NAME``, ``hf://OWNER/NAME[@REVISION][/FILE]``, an http(s)
            address, or one that MMEngine's file backends know.

    Yields:
        The path of the file.

    Raises:
        CheckpointError: If it cannot be fetched.
    """
    if '://' not in address:
        yield os.path.expanduser(address)
    elif address.startswith(SCHEME):
        yield str(package_file(address.removeprefix(SCHEME)))
    elif address.startswith('hf://'):
        yield _on_main_process_first(_from_hub, address)
    elif address.startswith(('http://', 'https://')):
        yield _on_main_process_first(_from_web, address)
    else:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, posixpath.basename(address))
            file.write_bytes(fileio.get(address))
            yield str(file)


def _from_hub(address: str) -> str:
    found = HUB_ADDRESS.fullmatch(address)
    if not found:
        raise CheckpointError(f'{address}: expected hf://OWNER/NAME[@REVISION][/FILE]')
    parts = found.groupdict()
    parts['filename'] = parts['filename'] or HUB_FILE
    try:
        return hf_hub_download(**parts)
    except Exception as error:  # of the hub, the network, the cache
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise CheckpointError(f'{address}: cannot be fetched: {reason}') from error


def _from_web(address: str) -> str:
    """A file of the web, in PyTorch's cache under a name that no other address has."""
    name = posixpath.basename(urlsplit(address).path)
    digest = hashlib.sha256(address.encode()).hexdigest()[:16]
    file = Path(torch.hub.get_dir(), 'checkpoints', f'{digest}-{name}')
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(address, str(file))
        except OSError as error:
            raise CheckpointError(f'{address}: cannot be fetched: {error}') from error
    return str(file)


def _on_main_process_first(fetch, address: str) -> str:
    result = fetch(address) if is_main_process() else None
    barrier()
    return fetch(address) if result is None else result
