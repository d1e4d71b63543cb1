"""Fixtures shared by the tests."""

import importlib.util
import signal
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope='session', autouse=True)
def _one_thread():
    """The tests run in as many processes as there are cores."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _interruptible():
    """A command that was interrupted hears of no further Ctrl-C; the tests do."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


def _shared(*parts: str) -> Path:
    path = ROOT.parent.joinpath('shared', *parts)
    if not path.is_dir():
        pytest.skip(f'../shared/{"/".join(parts)} is not there')
    return path


@pytest.fixture(scope='session')
def repo_root() -> Path:
    return ROOT


@pytest.fixture(scope='session')
def real_rgbd() -> Path:
    """Folder of real RGB-D frames outside the project; skips where it is absent."""
    return _shared('data', 'real_rgbd')


@pytest.fixture(scope='session')
def real_scenes() -> Path:
    """Folder of real frames of many rooms outside the project; skips where it is absent."""
    return _shared('data', 'real_scenes')


@pytest.fixture(scope='session')
def parity() -> Path:
    """Folder of numeric fixtures of the authors' released network; skips where absent."""
    return _shared('parity')


@pytest.fixture(scope='session')
def tool(repo_root):
    """Load a command line of ``tools`` by its name, such as ``dataset_converters/hrwsi``."""

    def load(name):
        key = f'tools_{name.replace("/", "_")}'
        if key not in sys.modules:
            spec = importlib.util.spec_from_file_location(key, repo_root / 'tools' / f'{name}.py')
            sys.modules[key] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[key])
        return sys.modules[key]

    return load


@pytest.fixture(scope='session')
def tiny_rooms(tmp_path_factory) -> Path:
    """A rendered data set of a few 64 x 48 frames."""
    from depthdecomp_mm.workshop.rooms import make_rooms

    folder = tmp_path_factory.mktemp('rooms')
    make_rooms(
        folder,
        metric_train=8,
        metric_test=6,
        relative_train=8,
        relative_val=2,
        size=(64, 48),
        workers=1,
    )
    return folder


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_) -> None:
        """Print nothing."""


@pytest.fixture
def serve():
    """Serve a folder on this machine; returns its URL."""
    servers = []

    def start(folder):
        handler = partial(QuietHandler, directory=str(folder))
        servers.append(ThreadingHTTPServer(('127.0.0.1', 0), handler))
        threading.Thread(target=servers[-1].serve_forever, args=[0.01], daemon=True).start()
        return f'http://127.0.0.1:{servers[-1].server_port}'

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
