"""Errors that a user can mend; their messages are whole sentences for the command line."""

from collections.abc import Iterator
from contextlib import contextmanager


class UserError(ValueError):
    """Bad input. The message names the file or key, what was found and what was expected.

    Command lines print it without a traceback, see :func:`depthdecomp_mm.command_line.run`.
    """


class ConfigError(UserError):
    """A config that cannot work; the message names the phase, the section and the key."""


class CheckpointError(UserError):
    """A checkpoint that cannot be used; the message names the file and what is wrong with it."""


class SampleError(UserError):
    """A file or sample of a data set that cannot be used as it is."""


class OutputError(UserError):
    """A file that cannot be written, or must not be since it is somebody else's."""


@contextmanager
def faults_of(section: str) -> Iterator[None]:
    """Name a config's section in whatever building it raises.

    Components take arguments of any kind and raise whatever they like at wrong ones.

    Raises:
        ConfigError: If the block raises; errors that a user can mend pass as they are.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        raise ConfigError(f'{section}: {error}') from error
