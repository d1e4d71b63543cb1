"""How many steps a few frames are trained for."""

from __future__ import annotations

from typing import NamedTuple

FEWEST, MOST = 120, 900


class Steps(NamedTuple):
    """Steps of each phase.

    Attributes:
        phase1: 0 where the training starts from a network that has M-Net.
        phase2: Of all branches.
    """

    phase1: int
    phase2: int

    def __str__(self) -> str:
        return f'{self.phase1} + {self.phase2}' if self.phase1 else f'{self.phase2}'


def steps_for(frames: int, trained: bool, total: int | None = None) -> Steps:
    """Choose a schedule.

    Few frames are learnt by heart soon, and more of them take longer: 100 steps and 2 more for each
    frame, at least 120 and at most 900. A network whose decoders start at random has a phase 1 of
    half as many before.

    Args:
        frames: Metric frames to train on.
        trained: Whether the network starts from a checkpoint of ours.
        total: Steps of both phases, if they are given.
    """
    if trained:
        return Steps(0, total or _budget(frames))
    if total is None:
        return Steps(_budget(frames) // 2, _budget(frames))
    return Steps(max(1, total // 3), max(1, total - total // 3))


def _budget(frames: int) -> int:
    return min(MOST, max(FEWEST, 100 + 2 * frames))
