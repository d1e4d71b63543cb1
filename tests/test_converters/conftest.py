"""The converters in this process."""

import pytest


@pytest.fixture
def convert(tool):
    """Run a converter in this process and return its exit status."""

    def run(name, *arguments):
        argv = ['--workers', '1', *map(str, arguments)]
        return tool(f'dataset_converters/{name}').main(argv)

    return run
