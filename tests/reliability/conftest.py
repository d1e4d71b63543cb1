import pytest

from .kill_and_resume import undisturbed_run


@pytest.fixture(scope='session')
def undisturbed(tiny_rooms, tmp_path_factory):
    """Work directory of a run of the tiny config that nothing disturbed."""
    return undisturbed_run(tiny_rooms, tmp_path_factory.mktemp('runs') / 'undisturbed', True)
