"""How well a network knows the mean of each map, in training and in testing, and what that costs.

    mean_error.py CONFIG CHECKPOINT [--batch-size 16] [--cfg-options KEY=VALUE ...]

M-Net's maps are compared with ground truth at the network's resolution, images as in testing. The
means are in what M-Net regresses; `constant` is the error of the training images' mean. The last
column is the RMSE of the maps shifted to their true mean: what is left is the error of their shape.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.command_line import add_config_options, positive_int, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.datasets.walking import first_metric_set
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.registry import DATASETS

HEADER = ('', 'error of the mean', 'constant', 'RMSE (m)', 'RMSE with the true mean (m)')


class Errors(NamedTuple):
    """What is known of each image of a set, (images, ) each.

    Attributes:
        truth: Mean of the valid pixels, in what M-Net regresses.
        mean: Mean of M-Net's map over the same pixels, likewise.
        rmse: Of the decoded map, metres.
        shape_rmse: The same when the map has the true mean.
    """

    truth: Tensor
    mean: Tensor
    rmse: Tensor
    shape_rmse: Tensor


@torch.no_grad()
def measure(model: DepthDecomposer, dataset: Dataset, batch_size: int) -> Errors:
    """Compare the maps of a data set with its ground truth; images without any are left out."""
    loader = DataLoader(dataset, batch_size, collate_fn=pseudo_collate)
    parts = [torch.stack(columns) for batch in loader for columns in _batch(model, batch)]
    return Errors(*torch.stack(parts).unbind(1))


def _batch(model: DepthDecomposer, batch: dict) -> Iterator[tuple[Tensor, ...]]:
    data = model.data_preprocessor(batch, False)
    codes = model.raw_outputs(data['inputs'], ['metric'])['metric'].float()
    targets, masks = model.targets(data['data_samples'], codes.shape[-2:])['metric']
    for code, target, mask in zip(codes, targets, masks, strict=True):
        if mask.any():
            code, target = code[mask], target[mask]
            shifted = code - code.mean() + target.mean()
            depths = [model.codec.decode(part) for part in (code, shifted)]
            true = model.codec.decode(target)
            yield target.mean(), code.mean(), *((d - true).square().mean().sqrt() for d in depths)


def data_sets(cfg: Config) -> dict[str, Dataset]:
    """The metric training set, images as in testing, and the test set."""
    test = cfg.test_dataloader.dataset
    train = first_metric_set(cfg.train_dataloader.dataset, test.pipeline)
    return {'training': train, 'testing': DATASETS.build(test)}


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('config', help='path of the config file')
    parser.add_argument('checkpoint', help='checkpoint of its last phase')
    parser.add_argument('--batch-size', type=positive_int, default=16)
    add_config_options(parser)
    args = parser.parse_args(argv)
    cfg = read_config(args.config, args.cfg_options)
    model = init_model(cfg, args.checkpoint)
    if 'metric' not in model.outputs:
        raise ConfigError(f'{args.config}: no M-Net, the model has {list(model.outputs)}')
    constant, table = None, [HEADER, ('---',) * len(HEADER)]
    for name, dataset in data_sets(model.cfg).items():
        found = measure(model, dataset, args.batch_size)
        constant = found.truth.mean() if constant is None else constant
        errors = (found.mean - found.truth).abs(), (constant - found.truth).abs()
        numbers = (part.mean() for part in (*errors, found.rmse, found.shape_rmse))
        table.append((name, *(f'{number:.4f}' for number in numbers)))
    print('\n'.join(f'| {" | ".join(row)} |' for row in table))


if __name__ == '__main__':
    run(main)
