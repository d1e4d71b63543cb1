"""From published weights to a model, in one call."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from depthdecomp_mm.registry import FUNCTIONS

from .encoders.package_weights import SHIPPED

Model = TypeVar('Model')


class FromPretrained:
    """What a class of models needs to be had by :meth:`from_pretrained`."""

    @classmethod
    def from_pretrained(cls: type[Model], weights: str | Path = SHIPPED, **options: Any) -> Model:
        """Build the model of a file that carries its config, with its weights, for prediction.

        Args:
            weights: A file, ``'hf://OWNER/NAME'`` or ``'https://...'``; by default the small
                network that comes with the package. All addresses of
                :func:`~depthdecomp_mm.engine.fetching.local_copy` serve.
            **options: Those of :func:`~depthdecomp_mm.apis.init_model`, such as ``device``.

        Raises:
            CheckpointError: If they cannot be fetched or read, or their config is refused.
        """
        return FUNCTIONS.get('init_model')(checkpoint=weights, **options)
