"""The error raised for a bad file or sample."""


class SampleError(ValueError):
    """A file or sample of a data set that cannot be used as it is.

    The message names the file or key at fault, what was found and what was expected.
    """
