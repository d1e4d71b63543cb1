"""Loss terms as a config states them: each by its name, with the branch that it trains."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from depthdecomp_mm.registry import MODELS, with_our_scope

from .losses import masked
from .network import OUTPUTS


def build_terms(losses: dict, outputs: Sequence[str]) -> tuple[nn.ModuleDict, dict[str, str]]:
    """Build the loss terms of the branches that there are, and tell the branch of each.

    Args:
        losses: As of :class:`DepthDecomposer`.
        outputs: The branches.

    Raises:
        ValueError: If a term has another name or branch than it should.
    """
    built, branches = nn.ModuleDict(), {}
    for name, config in losses.items():
        if config is None:
            continue
        config = dict(config)
        branch = config.pop('branch', None)
        if branch not in OUTPUTS or not name.startswith('loss'):
            raise ValueError(
                f"losses.{name}: names start with 'loss' and have a branch of {OUTPUTS}, but found "
                f'branch={branch!r}'
            )
        if branch in outputs:
            built[name] = masked(MODELS.build(with_our_scope(config, MODELS)))
            branches[name] = branch
    return built, branches
