"""Backward without PyTorch's engine, which asks a driver for its streams."""

from collections import Counter

import torch


@torch.no_grad()
def backward(loss, **_):
    """``Tensor.backward``: walk the graph from the loss to the parameters."""
    uses, ready = _uses(loss.grad_fn), [loss.grad_fn]
    grads = {loss.grad_fn: [torch.ones_like(loss)]}
    while ready:
        node = ready.pop()
        given = grads.pop(node, None)
        results = () if given is None else _apply(node, given)
        for i, (following, slot) in enumerate(node.next_functions):
            if following is None:
                continue
            if results and results[i] is not None:
                _add(grads, following, slot, results[i])
            uses[following] -= 1
            if not uses[following]:
                ready.append(following)


def _uses(root):
    """How many others lead to each node."""
    uses, stack, seen = Counter(), [root], set()
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            following = [n for n, _ in node.next_functions if n is not None]
            uses.update(following)
            stack += following
    return uses


def _apply(node, given):
    if hasattr(node, 'variable'):  # a parameter's end of the graph
        p = node.variable
        p.grad = given[0] if p.grad is None else p.grad + given[0]
        return ()
    results = node(*given) if callable(node) else node.apply(*given)
    return results if isinstance(results, tuple) else (results,)


def _add(grads, node, slot, grad):
    meta = node._input_metadata[slot]
    assert grad.device == meta.device
    grad = grad.sum_to_size(tuple(meta.shape)).to(meta.dtype)
    slots = grads.setdefault(node, [None] * len(node._input_metadata))
    slots[slot] = grad if slots[slot] is None else slots[slot] + grad
