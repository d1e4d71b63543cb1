"""Errors that a user can mend; their messages are whole sentences for the command line."""


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
