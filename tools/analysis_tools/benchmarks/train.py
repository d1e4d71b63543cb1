"""A training step against the plain float32 loop over the architecture of the authors' release.

A step is: normalise a batch of uint8 images, forward, losses of all branches, backward, Adam. The
network of the released configs on random images and depth. The losses of the first step, in
evaluation mode and with the same weights, are compared.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData
from torch import Tensor

from depthdecomp_mm.command_line import positive_int
from depthdecomp_mm.config_names import find_config
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.structures import DepthDataSample

from .predict import CONFIG
from .released import ReleasedNetwork, carry_weights
from .timing import INSTALL, Row, compare, relative_difference, report, take_turns

ROUNDS = 5
# name: (channels_last, fused optimiser, bfloat16, compile)
OURS = {
    'plain': (False, False, False, False),
    'fused': (False, True, False, False),
    'channels_last': (True, False, False, False),
    'channels_last, fused': (True, True, False, False),
    'channels_last, fused, compile': (True, True, False, True),
    'channels_last, fused, bfloat16': (True, True, True, False),
    'channels_last, fused, bfloat16, compile': (True, True, True, True),
}
CPU = ('released', 'plain', 'channels_last', 'channels_last, fused')
Step = Callable[[], Tensor]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        '--size', nargs=2, type=positive_int, default=(384, 512), metavar=('H', 'W')
    )
    parser.add_argument(
        '--batch', type=positive_int, help='images (default: 2 on a CPU, 16 on a GPU)'
    )
    names = ('released', *OURS)
    parser.add_argument(
        '--candidates', nargs='+', metavar='NAME', choices=names,
        help=f'of {", ".join(map(repr, names))}; by default those that suit the device',
    )  # fmt: skip


def run(args: Namespace) -> None:
    gpu = 'cuda' in args.device
    batch_size = args.batch or (16 if gpu else 2)
    names = args.candidates or (('released', *OURS) if gpu else CPU)
    batch = random_batch(batch_size, args.size)
    steps, losses, missing = {}, {}, {}
    start = None
    for name in names:
        try:
            model = build(name, args.device, start)
        except ImportError:
            missing[name] = INSTALL
            continue
        if name == 'released':
            start = model.released
        losses[name] = first_loss(model, batch)
        steps[name] = (
            plain_step(model, batch) if name == 'released' else our_step(model, batch, name)
        )
    seen = take_turns(steps, args.rounds, args.warmup, args.device)
    for name, one in seen.items():
        one.result = losses[name]
    rows = compare(seen, relative_difference)
    rows += [Row(name, note=note) for name, note in missing.items()]
    height, width = args.size
    title = f'training step, {batch_size} x 3 x {height} x {width}, {args.rounds} rounds'
    report(rows, title, args.device, args.json)


class ReleasedDecomposer(DepthDecomposer):
    """Our targets and losses over the released network."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        del self.encoder
        for decoder in self.decoders.values():
            delattr(self, decoder)
        self.released = ReleasedNetwork()

    def raw_outputs(self, inputs: Tensor, outputs=None) -> dict[str, Tensor]:
        return self.released(inputs)


def build(name: str, device: str, start: ReleasedNetwork | None) -> DepthDecomposer:
    """The network of a candidate, in training mode, with the weights of ``start``.

    Without ``start`` all candidates of ours have the same random weights.
    """
    torch.manual_seed(0)
    cfg = phase_config(Config.fromfile(find_config(CONFIG)))
    init_default_scope(cfg.default_scope)
    settings = {k: v for k, v in cfg.model.items() if k != 'type'}
    if name == 'released':
        return ReleasedDecomposer(**settings).to(device).train()
    channels_last, *_, compile = OURS[name]
    model = DepthDecomposer(**dict(settings, channels_last=channels_last)).to(device)
    if start is not None:
        carry_weights(start, model)
    if compile:
        model.compile()
    return model.train()


def random_batch(size: int, shape: tuple[int, int]) -> dict:
    """Images and ground truth as a loader gives them."""
    generator = torch.Generator().manual_seed(0)
    samples, images = [], []
    for _ in range(size):
        images.append(torch.randint(0, 256, (3, *shape), dtype=torch.uint8, generator=generator))
        sample = DepthDataSample(metainfo=dict(label_type='metric', img_shape=tuple(shape)))
        depth = 0.5 + 9 * torch.rand(1, *shape, generator=generator)
        sample.gt_depth_map = PixelData(data=depth)
        sample.gt_valid_mask = PixelData(data=torch.ones(1, *shape, dtype=torch.bool))
        samples.append(sample)
    return dict(inputs=images, data_samples=samples)


@torch.no_grad()
def first_loss(model: DepthDecomposer, batch: dict) -> Tensor:
    """All loss terms in evaluation mode, where nothing is dropped at random."""
    model.eval()
    data = model.data_preprocessor(batch, True)
    plain = DepthDecomposer.loss(model, **data)
    model.train()
    return torch.stack([plain[name] for name in sorted(plain)])


def plain_step(model: DepthDecomposer, batch: dict) -> Step:
    """The loop that anyone would write."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, weight_decay=1e-4)

    def step() -> None:
        optimizer.zero_grad()
        losses = model(**model.data_preprocessor(batch, True), mode='loss')
        sum(losses.values()).backward()
        optimizer.step()

    return step


def our_step(model: DepthDecomposer, batch: dict, name: str) -> Step:
    """MMEngine's step with the options of a candidate."""
    _, fused, bfloat16, _ = OURS[name]
    optimizer = dict(type='Adam', lr=1e-4, weight_decay=1e-4, fused=fused or None)
    config = dict(type='OptimWrapper', optimizer=optimizer)
    if bfloat16:
        config.update(type='depthdecomp_mm.AmpOptimWrapper', dtype='bfloat16')
    wrapper = build_optim_wrapper(model, config)

    def step() -> None:
        model.train_step(batch, wrapper)

    return step
