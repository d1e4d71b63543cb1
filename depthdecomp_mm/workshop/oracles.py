"""What parts of a network's maps would gain if they were perfect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from mmengine.dataset import pseudo_collate
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from depthdecomp_mm.models import DepthDecomposer

OTHER_GUIDES = 'guides of another image'
# what mean, standard deviation and shape of a map are taken from
ORACLES = {
    'as it is': ('metric', 'metric', 'metric'),
    'true mean': ('truth', 'metric', 'metric'),
    'true mean and deviation': ('truth', 'truth', 'metric'),
    'true shape': ('metric', 'metric', 'truth'),
    "N-Net's shape": ('metric', 'metric', 'normalized'),
    "N-Net's shape, true mean and deviation": ('truth', 'truth', 'normalized'),
    OTHER_GUIDES: ('misguided', 'misguided', 'misguided'),
}
MEAN, TRUE_MEAN = 'mean', 'true mean of the map'


@torch.no_grad()
def measure(model: DepthDecomposer, dataset: Dataset, batch_size: int) -> dict[str, list[float]]:
    """Measure the maps of a data set at the network's resolution.

    Args:
        model: With M-Net, in evaluation mode.
        dataset: Images without ground truth are left out.
        batch_size: Images at once.

    Returns:
        Of each image the RMSE in metres of the map by the names of :data:`ORACLES`, as far as the
        network has the parts; :data:`MEAN` and :data:`TRUE_MEAN` of the map, in what M-Net
        regresses.
    """
    found: dict[str, list[float]] = {}
    for batch in DataLoader(dataset, batch_size, collate_fn=pseudo_collate):
        for image in _batch(model, batch):
            for name, value in image.items():
                found.setdefault(name, []).append(value)
    return found


def compose(mean: Tensor, deviation: Tensor, shape: Tensor) -> Tensor:
    """A map with the mean of one, the standard deviation of another and the shape of a third."""
    scale = deviation.std(correction=0) / shape.std(correction=0).clamp(min=1e-8)
    return mean.mean() + scale * (shape - shape.mean())


def _batch(model: DepthDecomposer, batch: dict) -> Iterator[dict[str, float]]:
    data = model.data_preprocessor(batch, False)
    maps = model.raw_outputs(data['inputs'], ['normalized', 'metric'])
    if 'normalized' in maps:
        with _other_guides(model.metric_decoder):
            maps['misguided'] = model.raw_outputs(data['inputs'], ['metric'])['metric']
    for i, sample in enumerate(data['data_samples']):  # one by one: truth has a size of its own
        truth, mask = (
            part[0] for part in model.targets([sample], maps['metric'].shape[-2:])['metric']
        )
        if mask.any():
            pixels = {name: found[i].float()[mask] for name, found in maps.items()}
            yield _image({**pixels, 'truth': truth[mask]}, model.codec.decode)


def _image(maps: Mapping[str, Tensor], decode) -> dict[str, float]:
    codes = {
        name: compose(*(maps[part] for part in parts))
        for name, parts in ORACLES.items()
        if set(parts) <= set(maps)
    }
    true = decode(maps['truth'])
    errors = {k: (decode(v) - true).square().mean().sqrt().item() for k, v in codes.items()}
    return {**errors, MEAN: maps['metric'].mean().item(), TRUE_MEAN: maps['truth'].mean().item()}


@contextmanager
def _other_guides(decoder: nn.Module) -> Iterator[None]:
    """Guide a decoder by the features of the next image of the batch, mirrored."""

    def swap(_: nn.Module, inputs: tuple) -> tuple:
        features, guides, *rest = inputs
        return features, tuple(guide.roll(1, 0).flip(-1) for guide in guides), *rest

    handle = decoder.register_forward_pre_hook(swap)
    try:
        yield
    finally:
        handle.remove()
