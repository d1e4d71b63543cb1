"""The converters as modules."""

import importlib.util
import sys

import pytest


@pytest.fixture
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


@pytest.fixture
def convert(tool):
    """Run a converter in this process and return its exit status."""

    def run(name, *arguments):
        argv = ['--workers', '1', *map(str, arguments)]
        return tool(f'dataset_converters/{name}').main(argv)

    return run
