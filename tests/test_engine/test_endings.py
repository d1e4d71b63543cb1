"""How a command ends when it is interrupted, or one of its processes dies."""

import pytest
from torch.utils.data import DataLoader, Dataset

from depthdecomp_mm.command_line import run


class Deadly(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        import os

        os._exit(1)


def format_config():
    """MMEngine's formatting of configs, which takes Ctrl-C for bad syntax."""
    try:
        raise KeyboardInterrupt
    except:  # noqa: E722
        raise SyntaxError('Failed to format the config file, see\n' + 340 * 'x = 1\n') from None


def read_with_a_dying_worker():
    next(iter(DataLoader(Deadly(), num_workers=1)))


def write_config_while_a_worker_dies():
    try:
        read_with_a_dying_worker()
    except:  # noqa: E722
        raise SyntaxError('Failed to format the config file, see\n' + 340 * 'x = 1\n')  # noqa: B904


def bad_config():
    raise SyntaxError('Failed to format the config file, see\n' + 340 * 'x = 1\n')


@pytest.mark.parametrize(
    ('main', 'status', 'message'),
    [
        (format_config, 130, 'interrupted: go on'),
        (read_with_a_dying_worker, 2, 'error: a worker process died'),
        (write_config_while_a_worker_dies, 2, 'error: a worker process died'),
        (bad_config, 2, 'error: Failed to format the config file, see'),
    ],
)
def test_one_sentence(main, status, message, capsys):
    with pytest.raises(SystemExit) as ended:
        run(main, 'go on')
    assert ended.value.code == status
    assert capsys.readouterr().err.strip().startswith(message)
    assert len(capsys.readouterr().err.splitlines()) <= 1


def test_a_fault_of_ours_keeps_its_traceback():
    with pytest.raises(KeyError):
        run(lambda: {}['x'])
