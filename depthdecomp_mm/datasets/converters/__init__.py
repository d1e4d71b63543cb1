"""Library code of the command lines in ``tools/dataset_converters``."""
