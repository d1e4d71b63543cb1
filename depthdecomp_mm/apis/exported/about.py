"""What an exported file says of itself, inside of the file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mmengine.config import Config

from depthdecomp_mm.apis.carried_config import test_settings
from depthdecomp_mm.apis.intrinsics import Intrinsics
from depthdecomp_mm.calibration import NO_CALIBRATION, Calibration
from depthdecomp_mm.decomposition import DepthCodec
from depthdecomp_mm.engine.carried_settings import read_settings
from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.models import DepthDecomposer

KEY = 'depthdecomp_mm'
"""Under which the formats' own metadata have it."""


@dataclass(frozen=True)
class About:
    """What predicting with an exported file needs to know.

    Attributes:
        format: As ``depthdecomp export`` names it.
        precision: ``'fp32'``, ``'bf16'`` or ``'int8'``.
        size: (H, W) of the images that it takes.
        dynamic_size: Whether it takes other multiples of ``divisor``, too.
        divisor: Which height and width are multiples of.
        representation: What the network regresses, see :class:`DepthCodec`.
        min_depth: Lowest depth that it gives, metres.
        max_depth: Highest depth that it gives, metres.
        settings: Test pipeline and colours of panels, the text of a config.
        calibration: Which is in the graph.
        camera: That the file is for, where the network has a ``canonical_focal``.
        flip_test: Whether predictions are averaged with the mirrored image's.
        float_parts: Parts of the network that int8 leaves in float32.
    """

    format: str
    precision: str
    size: tuple[int, int]
    dynamic_size: bool
    divisor: int
    representation: str
    min_depth: float
    max_depth: float
    settings: str
    calibration: Calibration = NO_CALIBRATION
    camera: Intrinsics | None = None
    flip_test: bool = False
    float_parts: tuple[str, ...] = ()

    @property
    def codec(self) -> DepthCodec:
        """Of the network."""
        return DepthCodec(self.representation, self.min_depth, self.max_depth)

    def to_text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str | None, path: str | Path) -> About:
        """Read what :meth:`to_text` wrote, which anyone may have changed since.

        Args:
            text: What the file carries under :data:`KEY`, if anything.
            path: The file, for messages.

        Raises:
            CheckpointError: If it is none.
        """
        if not text:
            raise CheckpointError(
                f'{path}: says nothing of its images and depth: expected a file that '
                '`depthdecomp export` wrote'
            )
        try:
            found = json.loads(text)
            height, width = found.pop('size')
            camera = found.pop('camera')
            about = cls(
                **found
                | dict(
                    size=(int(height), int(width)),
                    calibration=Calibration(**found['calibration']),
                    camera=Intrinsics(**camera) if camera else None,
                    float_parts=tuple(found.get('float_parts', ())),
                )
            )
            about.codec, about.config()  # noqa: B018, they check
            return about
        except Exception as error:  # a text of any kind raises whatever it runs into
            reason = str(error) or type(error).__name__
            raise CheckpointError(f'{path}: what it says of itself is broken: {reason}') from error

    def config(self) -> Config:
        """Test pipeline and colours, built of known parts alone.

        Raises:
            ValueError: If there are others, or none.
        """
        if not self.settings:
            raise ValueError('no test pipeline, as that of the config has parts of other packages')
        return Config(test_settings(read_settings(self.settings)))


def about_model(
    model: DepthDecomposer,
    size: tuple[int, int],
    dynamic_size: bool = False,
    camera: Intrinsics | None = None,
    **others: str,
) -> About:
    """What is to be said of the exported file of a model.

    Args:
        model: The model, with its config.
        size: (H, W) of the images.
        dynamic_size: Whether the file takes others, too; the test pipeline then chooses one.
        camera: Of the images, if the network asks for it.
        **others: ``format`` and ``precision``.
    """
    codec = model.codec
    return About(
        size=tuple(size),
        dynamic_size=dynamic_size,
        divisor=model.encoder.size_divisor,
        representation=codec.representation,
        min_depth=codec.min_depth,
        max_depth=codec.max_depth,
        settings=_settings_of(model, None if dynamic_size else size),
        calibration=model.calibration,
        camera=camera if model.canonical_focal else None,
        flip_test=bool(model.test_cfg['flip_test']),
        **others,
    )


def _settings_of(model: DepthDecomposer, size: tuple[int, int] | None) -> str:
    """Test pipeline and colours, for images of a size if it is fixed.

    Nothing if there are parts that a file may not name: it stays usable without this package.
    """
    try:
        settings = test_settings(model.cfg.to_dict())
        dataset = settings['test_dataloader']['dataset']
    except (KeyError, ValueError):
        return ''
    if size:
        dataset['pipeline'] = resized_to(dataset['pipeline'], size)
    return Config(settings).pretty_text


def resized_to(pipeline: Sequence[Mapping], size: tuple[int, int]) -> list[dict]:
    """A test pipeline whose images get a size (H, W), squeezed if need be."""
    scale = dict(scale=(size[1], size[0]), keep_ratio=False)
    steps = [dict(step) for step in pipeline]
    found = [i for i, step in enumerate(steps) if step['type'] == 'Resize']
    if not found:
        return [*steps[:1], dict(type='Resize', **scale), *steps[1:]]
    steps[found[-1]] = dict(type='Resize', **scale)
    return steps
