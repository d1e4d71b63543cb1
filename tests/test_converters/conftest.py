"""The converters in this process."""

import pytest

from tests import mini_sets


@pytest.fixture
def convert(tool):
    """Run a converter in this process and return its exit status."""

    def run(name, *arguments):
        argv = ['--workers', '1', *map(str, arguments)]
        return tool(f'dataset_converters/{name}').main(argv)

    return run


@pytest.fixture
def check(tool, capsys):
    """Run the check and return its exit status and output."""

    def run(config, *arguments):
        argv = [str(config), '--workers', '1', *map(str, arguments)]
        status = tool('analysis_tools/check_dataset').main(argv)
        return status, capsys.readouterr().out

    return run


@pytest.fixture
def custom(tmp_path, convert):
    """A set of six frames, the last for testing, with its config."""
    root = mini_sets.make_custom(tmp_path / 'set')
    relative = mini_sets.make_hrwsi(tmp_path / 'hrwsi')
    convert('custom', root, '--depth-scale', 1000, '--light', '--relative', relative)
    return root
