"""Loading of checkpoints with weights-only unpickling."""

from __future__ import annotations

import numpy as np
import torch
from mmengine.logging.history_buffer import HistoryBuffer


def _history_method(owner: type, name: str):
    """Stands in for ``getattr``, by which pickles refer to the methods of HistoryBuffer."""
    if owner is not HistoryBuffer or name not in ('min', 'max', 'mean', 'current'):
        raise TypeError(f'a checkpoint may not refer to {owner!r}.{name}')
    return getattr(owner, name)


def allow_mmengine_checkpoints() -> None:
    """Let ``torch.load(weights_only=True)`` read the checkpoints that MMEngine's runner writes.

    They hold, beside tensors, the message hub's :class:`HistoryBuffer` objects: references to its
    methods and NumPy arrays. Exactly these are put on PyTorch's allow-list; weights-only loading
    stays on, so that a checkpoint cannot execute code.
    """
    multiarray = (np._core if hasattr(np, '_core') else np.core).multiarray
    torch.serialization.add_safe_globals(
        [
            HistoryBuffer,
            (_history_method, 'builtins.getattr'),
            (multiarray._reconstruct, 'numpy.core.multiarray._reconstruct'),
            (multiarray._reconstruct, 'numpy._core.multiarray._reconstruct'),
            (multiarray.scalar, 'numpy.core.multiarray.scalar'),
            (multiarray.scalar, 'numpy._core.multiarray.scalar'),
            np.ndarray,
            np.dtype,
            *(type(np.dtype(t)) for t in (np.float64, np.float32, np.int64, np.int32, np.bool_)),
        ]
    )
