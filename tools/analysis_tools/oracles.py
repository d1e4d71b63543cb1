"""Where the error of networks is: what parts of their maps would gain if they were perfect.

    oracles.py --model NAME CONFIG CHECKPOINT [--model ...] [--plot oracles.png]

Each of M-Net's maps is its mean plus its standard deviation times its shape. The maps are put
together again with parts of the truth, or with N-Net's map as their shape, and the RMSE is measured
at the network's resolution, on the metric training images and on the test images. `guides of
another image` shows how much M-Net goes by its guides.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.config import Config
from torch.utils.data import Dataset

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.command_line import output_file, positive_int, run
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.datasets.walking import first_metric_set
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.evaluation.uncertainty import estimate
from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.workshop.experiments.tables import plain
from depthdecomp_mm.workshop.oracles import MEAN, ORACLES, TRUE_MEAN, measure

MAPS = tuple(ORACLES)
RMSE_HEADER = ('network', 'maps', 'RMSE, training', 'RMSE, testing', '95 %', 'gain', '95 %')
MEAN_HEADER = ('network', 'error of the mean, training', 'testing', 'of a constant, testing')
Images = dict[str, list[float]]


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        '--model',
        nargs=3,
        action='append',
        required=True,
        metavar=('NAME', 'CONFIG', 'CHECKPOINT'),
        help='give it once for each network',
    )
    parser.add_argument('--plot', type=output_file, help='.png or .svg to write')
    parser.add_argument('--batch-size', type=positive_int, default=16)
    return parser.parse_args(argv)


def measure_network(config: str, checkpoint: str, batch_size: int) -> dict[str, Images]:
    """Measure a network on its training and on its test images.

    Raises:
        ConfigError: If it has no M-Net.
    """
    model = init_model(read_config(config), checkpoint)
    if 'metric' not in model.outputs:
        raise ConfigError(f'{config}: no M-Net, the model has {list(model.outputs)}')
    return {name: measure(model, part, batch_size) for name, part in data_sets(model.cfg).items()}


def data_sets(cfg: Config) -> dict[str, Dataset]:
    """The metric training set, images as in testing, and the test set."""
    test = cfg.test_dataloader.dataset
    train = first_metric_set(cfg.train_dataloader.dataset, test.pipeline)
    return {'training': train, 'testing': DATASETS.build(test)}


def rmse_rows(name: str, found: dict[str, Images]) -> list[tuple[str, ...]]:
    """Of each kind of maps the RMSE and what it gains over the maps as they are."""
    rows = []
    for maps in (key for key in MAPS if key in found['testing']):
        training, testing = (np.array(found[part][maps]) for part in ('training', 'testing'))
        gains = np.array(found['testing'][MAPS[0]]) - testing
        cells = [f'{training.mean():.3f}', f'{testing.mean():.3f}', ends(testing)]
        rows.append((name, maps, *cells, f'{gains.mean():+.3f}', ends(gains, '+')))
    return rows


def mean_row(name: str, found: dict[str, Images]) -> tuple[str, ...]:
    """How far the means of maps are off, and that of the training images."""
    own, true = ({k: np.array(part[key]) for k, part in found.items()} for key in (MEAN, TRUE_MEAN))
    errors = [np.abs(own[part] - true[part]).mean() for part in ('training', 'testing')]
    errors.append(np.abs(true['training'].mean() - true['testing']).mean())
    return name, *(f'{error:.4f}' for error in errors)


def ends(values: np.ndarray, sign: str = '') -> str:
    """The 95 % interval of a mean over images, as text."""
    found = estimate(values)
    return f'{found.low:{sign}.3f} to {found.high:{sign}.3f}'


def draw(path: Path, networks: dict[str, dict[str, Images]]) -> None:
    """Draw the RMSE of each kind of maps: a bar for testing, a ring for training."""
    import matplotlib

    matplotlib.use('Agg')
    import matplotlib.pyplot as plt

    height = 0.8 + 0.35 * len(MAPS)
    figure, axes = plt.subplots(
        1, len(networks), figsize=(2.4 + 3 * len(networks), height), squeeze=False, sharex=True,
        sharey=True, layout='constrained',
    )  # fmt: skip
    for axis, (name, found) in zip(axes[0], networks.items(), strict=True):
        for place, maps in enumerate(MAPS):
            if maps in found['testing']:
                mean, low, high, _ = estimate(found['testing'][maps])
                spread = [[mean - low], [high - mean]]
                axis.barh(place, mean, xerr=spread, color='C0', alpha=0.6)
                axis.plot(np.mean(found['training'][maps]), place, 'o', mfc='none', color='black')
        axis.set_title(name, fontsize=9)
        axis.set_xlabel('RMSE (m): bar testing, ring training', fontsize=8)
        axis.grid(axis='x', alpha=0.3)
    axes[0][0].set_yticks(range(len(MAPS)), MAPS)
    axes[0][0].invert_yaxis()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    networks = {name: measure_network(*paths, args.batch_size) for name, *paths in args.model}
    rows = [row for name, found in networks.items() for row in rmse_rows(name, found)]
    print(plain(RMSE_HEADER, rows), end='\n\n')
    print(plain(MEAN_HEADER, [mean_row(name, found) for name, found in networks.items()]))
    if args.plot:
        draw(args.plot, networks)


if __name__ == '__main__':
    run(main)
