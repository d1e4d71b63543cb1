"""Which pixels of a label to believe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BAND = 1e-3
"""Values this near to the smallest or largest, of their range, are at that end."""


@dataclass(frozen=True)
class Trust:
    """What makes a pixel's label one to distrust.

    Args:
        mirror: Largest difference to the prediction of the mirrored image, in mean absolute
            deviations of the map. None does without that prediction.
        plateau: Share of the image at one end of the range, from which on this end is saturated,
            as sky is, or all that is beyond a network's largest depth. None believes it.
        least: Share of the image that has to remain.
    """

    mirror: float | None = 0.5
    plateau: float | None = 0.01
    least: float = 0.1

    def mask(self, label: np.ndarray, mirrored: np.ndarray | None) -> np.ndarray:
        """Find the pixels to believe.

        Args:
            label: (H, W), larger = nearer; NaN where there is none.
            mirrored: (H, W), that of the mirrored image, mirrored back; None without ``mirror``.

        Returns:
            (H, W) bool.
        """
        valid = np.isfinite(label)
        if mirrored is not None:
            difference = np.abs(standardise(label) - standardise(mirrored))
            valid &= difference <= self.mirror  # False for NaN
        if self.plateau is not None:
            valid &= ~saturated(label, self.plateau)
        return valid


def standardise(values: np.ndarray) -> np.ndarray:
    """Shift and scale to a median of 0 and a mean absolute deviation of 1; NaN stays NaN."""
    if not np.isfinite(values).any():
        return values
    centred = values - np.nanmedian(values)
    spread = np.nanmean(np.abs(centred))
    return centred / (spread if spread > 0 else 1)


def mean_of_both(label: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """Mean of two maps that may differ in scale and shift: (H, W), NaN where either is."""
    return (standardise(label) + standardise(mirrored)) / 2


def saturated(values: np.ndarray, share: float) -> np.ndarray:
    """Find the ends of a map's range where it does not go on.

    Args:
        values: (H, W); NaN is ignored.
        share: Smallest share of the image in the last thousandth of the range at an end.

    Returns:
        (H, W) bool.
    """
    found = np.zeros(values.shape, dtype=bool)
    if not np.isfinite(values).any():
        return found
    low, high = np.nanmin(values), np.nanmax(values)
    band = BAND * (high - low)
    for end in (values <= low + band, values >= high - band):
        if end.mean() > share:
            found |= end
    return found
