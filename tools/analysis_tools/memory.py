"""GPU memory that training with a config takes, before a GPU is there.

    memory.py CONFIG [--phase NAME ...] [--batch-size 8 16] [--precision float32 bfloat16]
              [--checkpointing] [--size H W] [--json FILE]

A row for each phase, batch size and precision, in GiB: activations that the forward pass saves for
the gradient, parameters, gradients and the optimiser's state. What comes beside that is not
counted: temporary tensors, cuDNN's workspaces, what PyTorch's allocator holds in reserve, and what
a driver takes. The losses are computed with tensors of a GPU that have no data; attention counts
as if it was not fused there.
"""

from __future__ import annotations

import logging
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import torch
from mmengine.config import Config
from mmengine.registry import OPTIMIZERS
from mmengine.structures import PixelData
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.command_line import add_config_options, output_file, positive_int, run
from depthdecomp_mm.configs import read_config, section
from depthdecomp_mm.engine.phases import phase_config, read_phases
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.files import keep_inputs, write_json
from depthdecomp_mm.structures import DepthDataSample

GIB = 2**30
DEVICE = 'cuda'
HEADER = ('phase', 'batch', 'precision', 'activations', 'parameters', 'gradients', 'optimiser')


@dataclass
class Row:
    """Memory in GiB."""

    phase: str
    batch_size: int
    precision: str
    activations: float
    parameters: float
    gradients: float
    optimizer: float

    @property
    def total(self) -> float:
        return self.activations + self.parameters + self.gradients + self.optimizer


def saved_bytes(model: nn.Module, inputs: Tensor, samples: list[DepthDataSample]) -> int:
    """What the losses of a batch keep for the gradient, beside the model: every memory once."""
    own = {id(t.untyped_storage()) for t in (*model.parameters(), *model.buffers())}
    saved = {}  # holds the memory, so that no other gets its identity

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if id(storage) not in own:
            saved[id(storage)] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        model.loss(inputs, samples)
    return sum(storage.nbytes() for storage in saved.values())


def batch_of(size: tuple[int, int], count: int, device: str) -> tuple[Tensor, list]:
    """Images (count, 3, H, W) float32 and their samples, whose content does not matter."""
    samples = [DepthDataSample(metainfo=dict(label_type='metric')) for _ in range(count)]
    for sample in samples:
        sample.gt_depth_map = PixelData(data=torch.ones(1, *size, device=device))
        sample.gt_valid_mask = PixelData(data=torch.ones(1, *size, device=device).bool())
    return torch.zeros(count, 3, *size, device=device), samples


@contextmanager
def mixed_precision(dtype: torch.dtype) -> Iterator[None]:
    """``torch.autocast``, which itself refuses a GPU that is not there."""
    torch.set_autocast_dtype(DEVICE, dtype)
    torch.set_autocast_enabled(DEVICE, dtype != torch.float32)
    try:
        yield
    finally:
        torch.set_autocast_enabled(DEVICE, False)
        torch.clear_autocast_cache()


def activations(model: nn.Module, size: tuple[int, int], batch_size: int, precision: str) -> int:
    """Bytes of :func:`saved_bytes` in a training step on a GPU without data."""
    with FakeTensorMode(allow_non_fake_inputs=True), mixed_precision(getattr(torch, precision)):
        move(model, DEVICE)
        return saved_bytes(model, *batch_of(size, batch_size, DEVICE))


def move(model: nn.Module, device: str) -> None:
    """Put tensors of the device in place of parameters and buffers; ``Module.to`` changes these."""
    for module in model.modules():
        for name, old in list(module.named_parameters(recurse=False)):
            new = torch.empty_like(old, device=device)
            setattr(module, name, nn.Parameter(new, old.requires_grad))
        for name, old in list(module.named_buffers(recurse=False)):
            setattr(module, name, torch.empty_like(old, device=device))


def state_per_parameter(cfg: Config) -> float:
    """Bytes of the optimiser's state for each byte of a parameter."""
    parameter = nn.Parameter(torch.zeros(8))
    parameter.grad = torch.zeros(8)
    optimizer = OPTIMIZERS.build(dict(cfg.optim_wrapper.optimizer, params=[parameter]))
    optimizer.step()
    state = [v for v in optimizer.state[parameter].values() if isinstance(v, Tensor)]
    return sum(v.nbytes for v in state if v.shape == parameter.shape) / parameter.nbytes


def training_size(config: dict) -> tuple[int, int]:
    """(H, W) that the first training pipeline of a config brings images to.

    Raises:
        ConfigError: If no transform in it says so.
    """
    for transform in reversed(next(_pipelines(config), ())):
        if 'crop_size' in transform:
            return tuple(transform['crop_size'])
        if 'scale' in transform:
            return tuple(transform['scale'])[::-1]
    raise ConfigError('train_dataloader: no transform states the size of the images: give --size')


def _pipelines(config: object) -> Iterator[list[dict]]:
    if isinstance(config, dict):
        if config.get('pipeline'):
            yield config['pipeline']
        for part in config.values():
            yield from _pipelines(part)


def measure(
    cfg: Config, phase: str, batch_sizes: Sequence[int], precisions: Sequence[str],
    size: tuple[int, int] | None, checkpointing: bool,
) -> list[Row]:  # fmt: skip
    """A row for each batch size and precision."""
    part = phase_config(cfg, phase)
    section(part, 'model.encoder')
    size = size or training_size(section(part, 'train_dataloader'))
    options = {'model.encoder.grad_checkpointing': True} if checkpointing else None
    model = init_model(cfg, phase=phase, cfg_options=options).train()
    kept = sum(p.nbytes for p in (*model.parameters(), *model.buffers()))
    trained = sum(p.nbytes for p in model.parameters() if p.requires_grad)
    state = trained * state_per_parameter(part)
    return [
        Row(phase, batch, precision, *(
            n / GIB for n in (activations(model, size, batch, precision), kept, trained, state)
        ))
        for batch in batch_sizes for precision in precisions
    ]  # fmt: skip


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown."""
    lines = ['| ' + ' | '.join((*HEADER, 'sum')) + ' |', '| --- ' * (len(HEADER) + 1) + '|']
    for row in rows:
        name, batch, precision, *numbers = vars(row).values()
        cells = [name or '-', str(batch), precision, *(f'{n:.2f}' for n in (*numbers, row.total))]
        lines.append('| ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument('config', help='path or name of a config')
    parser.add_argument('--phase', nargs='+', metavar='NAME', help='default: all phases')
    parser.add_argument('--batch-size', nargs='+', type=positive_int, metavar='N',
                        help="on one GPU; default: the config's")  # fmt: skip
    parser.add_argument('--precision', nargs='+', default=['float32', 'bfloat16'],
                        choices=['float32', 'bfloat16', 'float16'])  # fmt: skip
    parser.add_argument('--checkpointing', action='store_true',
                        help="compute the encoder's activations twice, and save few")  # fmt: skip
    parser.add_argument('--size', nargs=2, type=positive_int, metavar=('H', 'W'),
                        help="of the images; default: the pipeline's")  # fmt: skip
    parser.add_argument('--json', type=output_file, metavar='FILE', help='write the figures there')
    add_config_options(parser)
    args = parser.parse_args(argv)
    keep_inputs([args.json] if args.json else [], [args.config])
    cfg = read_config(args.config, args.cfg_options)
    batch_sizes = args.batch_size or [section(cfg, 'train_dataloader.batch_size')]
    rows = []
    for phase in args.phase or read_phases(cfg):
        rows += measure(cfg, phase, batch_sizes, args.precision, args.size, args.checkpointing)
    print(table(rows))
    if args.json:
        write_json(args.json, [asdict(row) for row in rows], indent=2)


if __name__ == '__main__':
    logging.disable(logging.WARNING)  # what building a model tells
    run(main)
