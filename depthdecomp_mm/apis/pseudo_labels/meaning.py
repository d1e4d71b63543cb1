"""What the numbers of a teacher stand for, and the map that G- and N-Net learn from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from depthdecomp_mm.decomposition import DepthCodec
from depthdecomp_mm.errors import UserError

ORIENTATIONS = ('disparity', 'depth', 'code')
UNITS = {'none': None, 'metre': 1.0, 'millimetre': 0.001}
"""Metres in a unit; None where there is no unit."""


@dataclass(frozen=True)
class Meaning:
    """What the numbers of a teacher stand for.

    Args:
        orientation: ``'depth'`` grows with distance, ``'disparity'`` towards the camera, from 0 at
            infinity; ``'code'`` is the normalized map of a network of ours.
        unit: Of depth: a name of :data:`UNITS`. Disparity of a unit is 1 / depth. Depth without a
            unit is proportional to metres, with nothing added.

    Raises:
        UserError: If it is none of these.
    """

    orientation: str
    unit: str = 'none'

    def __post_init__(self) -> None:
        if self.orientation not in ORIENTATIONS:
            raise UserError(
                f'orientation: found {self.orientation!r}, expected one of {ORIENTATIONS}'
            )
        if self.unit not in UNITS or (self.orientation == 'code' and self.unit != 'none'):
            raise UserError(f'unit: found {self.unit!r}, expected one of {tuple(UNITS)}')

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Turn a teacher's numbers into a map whose z-scores can be learnt beside metric data.

        Metric labels are learnt as z-scores of the code ``1 / (d + 1)`` in metres. These differ
        from z-scores of ``1 / d``, so a teacher that knows metres is encoded by the same codec. One
        that does not gives disparity, as stereo images do.

        Args:
            values: (H, W), the teacher's numbers.

        Returns:
            (H, W) float32, larger = nearer, unitless; NaN where the numbers stand for no distance
            or an infinite one, as of sky.
        """
        values = np.asarray(values, dtype=np.float32)
        with np.errstate(divide='ignore', over='ignore', invalid='ignore'):
            code = self._encode(values)
        return np.where(np.isfinite(code), code, np.nan)

    def _encode(self, values: np.ndarray) -> np.ndarray:
        if self.orientation == 'code':
            return values
        values = np.where(np.isfinite(values) & (values > 0), values, np.nan)
        metres = UNITS[self.unit]
        if metres is None:
            return values if self.orientation == 'disparity' else 1 / values
        depth = values if self.orientation == 'depth' else 1 / values
        return DepthCodec('inverse').encode(torch.from_numpy(depth * np.float32(metres))).numpy()

    def __str__(self) -> str:
        """The meaning in words."""
        if self.orientation == 'code':
            return 'the normalized map of a network of ours'
        if self.unit == 'none':
            return f'{self.orientation} without a unit'
        return (
            f'depth in {self.unit}s'
            if self.orientation == 'depth'
            else f'1 / depth in {self.unit}s'
        )
