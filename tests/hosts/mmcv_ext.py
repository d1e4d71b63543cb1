"""Stands for the compiled operators of mmcv: every one can be imported, and none can be called."""

from types import FunctionType


def __getattr__(name: str) -> FunctionType:
    if name.startswith('__'):
        raise AttributeError(name)

    def absent(*args, **kwargs):
        raise NotImplementedError(f'mmcv._ext.{name} is not compiled')

    return absent
