"""What predicted depth is multiplied by, and what is added, for one camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path

from .errors import CheckpointError

KEY = 'calibration'
"""Where a checkpoint's meta information has it."""


@dataclass(frozen=True)
class Calibration:
    """Calibrated depth is ``scale * depth + shift``, and then limited to the range of the model.

    Args:
        scale: Positive, unitless.
        shift: Metres.

    Raises:
        ValueError: If a number is not finite, or the scale not positive.
    """

    scale: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        if not (isfinite(self.scale) and isfinite(self.shift) and self.scale > 0):
            raise ValueError(f'expected a finite scale > 0 and a finite shift, but found {self}')


NO_CALIBRATION = Calibration()


def calibration_of(checkpoint: Mapping, path: str | Path) -> Calibration:
    """The calibration that a checkpoint carries; none leaves depth as it is.

    Args:
        checkpoint: The checkpoint.
        path: Its file, for messages.

    Raises:
        CheckpointError: If it is none.
    """
    meta = checkpoint.get('meta')
    found = meta.get(KEY) if isinstance(meta, Mapping) else None
    if found is None:
        return NO_CALIBRATION
    try:
        return Calibration(**{name: float(value) for name, value in found.items()})
    except (AttributeError, TypeError, ValueError) as error:
        raise CheckpointError(f'{path}: meta.{KEY} is no calibration: {error}') from error


def calibrated_meta(meta: Mapping, calibration: Calibration) -> dict:
    """The meta information of a checkpoint with a calibration, in plain numbers."""
    return {**meta, KEY: asdict(calibration)}
