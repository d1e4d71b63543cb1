"""The converters in this process."""

import pytest


@pytest.fixture
def convert(tool):
    """Run a converter in this process and return its exit status."""

    def run(name, *arguments):
        argv = [*map(str, arguments), '--workers', '1']
        return tool(f'dataset_converters/{name}').main(argv)

    return run
