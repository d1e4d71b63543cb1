"""What weights-only loading may make of a checkpoint, beside tensors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.logging.history_buffer import HistoryBuffer


def _history_method(owner: type, name: str):
    """Stands in for ``getattr``, by which pickles refer to the methods of HistoryBuffer.

    What other projects have put on the list for their own pickles answers for all else.
    """
    if owner is HistoryBuffer and name in ('min', 'max', 'mean', 'current'):
        return getattr(owner, name)
    for entry in _others_getattr():
        return (entry[0] if isinstance(entry, tuple) else entry)(owner, name)
    raise TypeError(f'a checkpoint may not refer to {owner!r}.{name}')


GETATTR = (_history_method, 'builtins.getattr')


def _others_getattr() -> list:
    """Entries of the allow-list for ``getattr`` that are not ours."""

    def is_other(entry) -> bool:
        named = isinstance(entry, tuple) and entry[1] == GETATTR[1]
        return entry is getattr or (named and entry != GETATTR)

    return [entry for entry in torch.serialization.get_safe_globals() if is_other(entry)]


@contextmanager
def our_getattr_alone() -> Iterator[None]:
    """Leave out entries of others, as PyTorch picks one of a name, in no certain order."""
    everything, others = torch.serialization.get_safe_globals(), _others_getattr()
    if not others:
        yield
        return
    torch.serialization.clear_safe_globals()
    torch.serialization.add_safe_globals([e for e in everything if e not in others])
    try:
        yield
    finally:
        torch.serialization.add_safe_globals(others)


def allow_mmengine_checkpoints() -> None:
    """Let ``torch.load(weights_only=True)`` read the checkpoints that MMEngine's runner writes.

    They hold, beside tensors, the message hub's :class:`HistoryBuffer` objects: references to its
    methods and NumPy arrays. Exactly these are put on PyTorch's allow-list, beside what is there;
    weights-only loading stays on, so that a checkpoint cannot execute code.
    """
    # where these private functions live differs between NumPy's versions
    reconstruct, scalar = np.zeros(0).__reduce__()[0], np.float64(0).__reduce__()[0]
    torch.serialization.add_safe_globals(
        [
            HistoryBuffer,
            GETATTR,
            (reconstruct, 'numpy.core.multiarray._reconstruct'),
            (reconstruct, 'numpy._core.multiarray._reconstruct'),
            (scalar, 'numpy.core.multiarray.scalar'),
            (scalar, 'numpy._core.multiarray.scalar'),
            np.ndarray,
            np.dtype,
            *(type(np.dtype(t)) for t in (np.float64, np.float32, np.int64, np.int32, np.bool_)),
        ]
    )
