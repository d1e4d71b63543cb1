"""A checkpoint of ours as a teacher."""

from __future__ import annotations

import numpy as np

from depthdecomp_mm.apis.inferencer import DepthInferencer
from depthdecomp_mm.engine.fetching import local_copy
from depthdecomp_mm.errors import UserError

from .meaning import Meaning
from .teachers import digest_of_file


class OwnTeacher:
    """A network of ours: its depth in metres, or N-Net's normalized map where it has no M-Net.

    Args:
        name: Checkpoint, which carries its config, or its address.
        device: Device of the network.
        phase: As in :func:`~depthdecomp_mm.apis.init_model`.

    Raises:
        CheckpointError: If the checkpoint cannot be used.
        UserError: If its normalized map is one of depth, which cannot be turned into disparity.
    """

    licence = 'as its training data and first weights have it'

    def __init__(self, name: str, device: str = 'cpu', phase: str | None = None) -> None:
        self.name = name
        with local_copy(name) as file:
            self.identity = digest_of_file(file)
        self._infer = DepthInferencer(
            weights=name, device=device, phase=phase, flip_test=False, show_progress=False
        )
        self._key = self._infer.predicts[0]
        representation = self._infer.model.codec.representation
        if self._key == 'normalized' and representation != 'inverse':
            raise UserError(
                f'{name}: predicts a normalized map of {representation!r}, expected of '
                "representation 'inverse', as relative data have it"
            )
        self.meaning = Meaning('depth', 'metre') if self._key == 'depth' else Meaning('code')

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Predict (H, W) metres, or z-scores, for an image (H, W, 3) uint8 BGR."""
        return self._infer(np.ascontiguousarray(image))['predictions'][0][self._key]
