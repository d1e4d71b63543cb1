"""What makes the host wait for a GPU."""

import traceback
from collections import Counter

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
INDEXING = ('aten::index', 'aten::index_put', 'aten::index_put_', 'aten::_index_put_impl_')
UNFORESEEN = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}


class HostWaits(TorchDispatchMode):
    """Counts copies between host and GPU, and what makes the host wait for the GPU.

    Attributes:
        seen: How often there was each: ``'copy'``, and what waits: ``'blocking copy'``, one that is
            not from pinned memory included, ``'scalar'`` (``.item()``, ``bool()``, ...) and
            ``'data-dependent'``, operators whose result has a size that only the GPU knows.
        places: Where each of those that wait was called.
    """

    def __init__(self):
        super().__init__()
        self.seen, self.places, self._pinned = Counter(), [], []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is aten._local_scalar_dense.default:
            if args[0].is_cuda:
                self._note('scalar')
            return 0.0 if args[0].is_cuda else 1.0  # no overflow; the first step of Adam
        if func is aten.is_pinned.default:
            return self._is_pinned(args[0])
        if UNFORESEEN.intersection(func.tags) or _masks(func, args):
            self._note('data-dependent')
        out = func(*args, **kwargs)
        if func is aten.empty.memory_format and kwargs.get('pin_memory'):
            self._pinned.append(out)
        elif func is aten._to_copy.default:
            self._copy(args[0], out, kwargs.get('non_blocking', False))
        elif func is aten.copy_.default:
            self._copy(args[1], out, args[2] if len(args) > 2 else kwargs.get('non_blocking'))
        for index in _indices(func, args):
            self._copy(index, args[0], False)
        return out

    def _copy(self, source, target, non_blocking):
        if source.is_cuda == target.is_cuda or not source.dim() and not source.is_cuda:
            return  # a number of the host travels with the kernel
        pinned = self._is_pinned(target if source.is_cuda else source)
        self._note('copy' if non_blocking and pinned else 'blocking copy')

    def _is_pinned(self, tensor):
        return any(_memory(tensor) == _memory(known) for known in self._pinned)

    def _note(self, kind):
        self.seen[kind] += 1
        if kind != 'copy':
            self.places.append(f'{kind}: {_caller()}')


def _memory(tensor):
    return tensor.untyped_storage()._cdata


def _indices(func, args):
    return [i for i in args[1] if i is not None] if func._schema.name in INDEXING else []


def _masks(func, args):
    return any(index.dtype in (torch.bool, torch.uint8) for index in _indices(func, args))


def _caller():
    """The innermost line that is neither PyTorch's nor of this file."""
    frames = traceback.extract_stack()
    return next(
        f'{frame.filename}:{frame.lineno} {frame.line}'
        for frame in reversed(frames)
        if '/torch/' not in frame.filename and frame.filename != __file__
    )
