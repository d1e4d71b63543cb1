"""Prediction against the architecture of the authors' release in eager mode, same weights.

Raw metric maps of random images are compared and timed, on the device, from normalised image to
code. The released architecture is the baseline where it is among the candidates; `flip` is related
to our `plain` if that is among them, too.
DPT-Hybrid and Depth Anything B are at their own input sizes.
"""

from __future__ import annotations

import copy
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.apis.exported import onnx_runtime, openvino_runtime
from depthdecomp_mm.apis.exported.exportable import ExportableModel, ExportError
from depthdecomp_mm.apis.exported.int8 import OTHERS as REST
from depthdecomp_mm.apis.exported.int8 import NncfQuantizer, parts_of
from depthdecomp_mm.apis.exported.model import Runner
from depthdecomp_mm.apis.exported.writers import write_onnx
from depthdecomp_mm.command_line import positive_int
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.models.conv_bn_folding import fuse_conv_bn
from depthdecomp_mm.models.prediction import flip_averaged

from .others import OTHERS
from .released import ReleasedNetwork, carry_weights
from .timing import (
    INSTALL,
    Measurement,
    Row,
    compare,
    relative_difference,
    report,
    spread,
    take_turns,
)

ROUNDS = 7
CONFIG = 'depthdecomp/released/nyu_hrwsi.py'
# name: (channels_last, fuse_conv_bn, compile, bfloat16)
OURS: dict[str, tuple[bool, bool, dict | None, bool]] = {
    'plain': (False, False, None, False),
    'fused': (False, True, None, False),
    'channels_last': (True, False, None, False),
    'channels_last, fused': (True, True, None, False),
    'compile': (True, True, {}, False),
    'compile, freezing': (True, True, dict(options=dict(freezing=True)), False),
    'bfloat16': (True, True, None, True),
    'bfloat16, compile': (True, True, {}, True),
}
OPENVINO = {'openvino': 'fp32', 'openvino, bfloat16': 'bf16', 'openvino, int8': 'int8'}
FLOAT_PARTS = ('metric_decoder', 'metric_decoder.mdr', 'metric_decoder.skips', REST)
NAMES = ('released', *OURS, 'onnxruntime', *OPENVINO, 'flip', *OTHERS)
Call = Callable[[], Tensor]


def add_arguments(parser: ArgumentParser) -> None:
    parser.set_defaults(warmup=2)
    parser.add_argument(
        '--size', nargs=2, type=positive_int, default=(384, 512), metavar=('H', 'W')
    )
    parser.add_argument('--config', default=CONFIG, help='of our network (default: %(default)s)')
    parser.add_argument('--batch', type=positive_int, default=1, help='images in a batch')
    parser.add_argument(
        '--candidates', nargs='+', metavar='NAME', choices=NAMES,
        help=f'of {", ".join(map(repr, NAMES))}; by default all that suit the device',
    )  # fmt: skip


def run(args: Namespace) -> None:
    names = args.candidates or [n for n in NAMES if _suits(n, args.device)]
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        calls, missing = build(names, args, Path(folder))
        seen = take_turns(calls, args.rounds, args.warmup, args.device)
        rows = compare(seen, lambda a, b: relative_difference(a, b) if a.shape == b.shape else None)
    _relate(rows, seen)
    rows += [Row(name, note=note) for name, note in missing.items()]
    height, width = args.size
    title = f'predict {args.batch} x 3 x {height} x {width}, {args.rounds} rounds'
    report(rows, title, args.device, args.json)


def _suits(name: str, device: str) -> bool:
    """bfloat16 is emulated on most CPUs; freezing, ONNX Runtime and OpenVINO are for CPUs here."""
    if 'cuda' in device:
        return name not in ('onnxruntime', 'compile, freezing', *OPENVINO)
    return name in OPENVINO or 'bfloat16' not in name


def build(names: list[str], args: Namespace, folder: Path) -> tuple[dict[str, Call], dict]:
    """The calls by name, and what is missing with the reason."""
    calls, missing = {}, {}
    image = torch.randn(args.batch, 3, *args.size, device=args.device)
    model = init_model(args.config).to(args.device)
    if args.config == CONFIG:
        try:
            released = ReleasedNetwork().eval().to(args.device)
            _randomise(released)
            carry_weights(released, model)
            if 'released' in names:
                calls['released'] = lambda: released(image)['metric']
        except ImportError:
            if 'released' in names:
                missing['released'] = INSTALL
    elif 'released' in names:
        missing['released'] = f'has the network of {CONFIG}'
    for name in names:
        if name in OURS:
            calls[name] = _ours(model, image, *OURS[name])
        elif name == 'flip':
            calls['flip'] = _flip(model, image)
        elif name == 'onnxruntime':
            try:
                calls[name] = _onnxruntime(model, image, folder / 'model.onnx')
            except ExportError:
                missing[name] = INSTALL.replace('benchmark', 'export')
        elif name in OPENVINO:
            try:
                calls[name] = _openvino(model, image, folder / 'model.onnx', OPENVINO[name])
            except UserError:
                missing[name] = INSTALL.replace('benchmark', 'openvino')
        elif name in OTHERS:
            try:
                calls[name] = OTHERS[name](args.batch, args.device)
            except ImportError:
                missing[name] = INSTALL
    return calls, missing


def _randomise(network: torch.nn.Module) -> None:
    """Numbers for all weights and statistics that keep activations in range, the same each time."""
    generator = torch.Generator().manual_seed(0)
    for name, value in network.state_dict().items():
        if value.dim() > 1:
            scale = (1.6 / value[0].numel()) ** 0.5
            new = scale * torch.randn(value.shape, generator=generator)
        elif name.endswith(('weight', 'running_var')):
            new = 0.8 + 0.4 * torch.rand(value.shape, generator=generator)
        else:
            new = 0.05 * torch.randn(value.shape, generator=generator)
        if value.is_floating_point():
            value.copy_(new)


def _ours(
    model: DepthDecomposer,
    image: Tensor,
    channels_last: bool,
    fuse: bool,
    compile: dict | None,
    bfloat16: bool,
) -> Call:
    model = copy.deepcopy(model)
    if channels_last:
        model.memory_format = torch.channels_last
        model.to(memory_format=torch.channels_last)
    if fuse:
        fuse_conv_bn(model)
    if compile is not None:
        model.compile(**compile)
    kind = image.device.type

    def call() -> Tensor:
        with torch.autocast(kind, torch.bfloat16, enabled=bfloat16):
            return model.raw_outputs(image, ['metric'])['metric']

    return call


def _flip(model: DepthDecomposer, image: Tensor) -> Call:
    """What :meth:`DepthDecomposer.predict` does with ``flip_test``, without resizing."""
    return lambda: flip_averaged(model.decoded_outputs, image, {'metric'})['metric']


class _RawModel(ExportableModel):
    """From normalised image to raw metric map."""

    def forward(self, image: Tensor) -> Tensor:
        return self.model.raw_outputs(image, ['metric'])['metric']


def _onnxruntime(model: DepthDecomposer, image: Tensor, path: Path) -> Call:
    write_onnx(_RawModel(model), path, torch.randn(2, *image.shape[1:]), False)
    return _running(onnx_runtime.open_file(path)[1](None), image)


def _openvino(model: DepthDecomposer, image: Tensor, path: Path, precision: str) -> Call:
    """INT8 leaves in float32 what that of a trained network does, see docs/speed.md."""
    openvino_runtime.import_openvino('this')
    if not path.exists():
        write_onnx(_RawModel(model), path, torch.randn(2, *image.shape[1:]), False)
    if precision == 'int8':
        parts = parts_of(path)
        quantizer = NncfQuantizer(path, [torch.randn(1, *image.shape[1:]).numpy()] * 2)
        return _running(
            quantizer.runner(quantizer.variant(lambda name: parts.get(name) in FLOAT_PARTS)), image
        )
    return _running(openvino_runtime.run_model(openvino_runtime.read_onnx(path), precision), image)


def _running(run: Runner, image: Tensor) -> Call:
    array = image.cpu().numpy()
    return lambda: torch.from_numpy(run(array))


def _relate(rows: list[Row], seen: dict[str, Measurement]) -> None:
    """Note how flipping relates to a prediction, and other networks to ours."""
    ours = {n: m for n, m in seen.items() if n in OURS and 'bfloat16' not in n}
    ours |= {n: m for n, m in seen.items() if n in ('onnxruntime', *OPENVINO)}
    for row in rows:
        seconds = seen[row.name].seconds
        if row.name == 'flip':
            row.difference = None
            if 'plain' in ours:
                row.note = f"{_ratio(seconds, ours['plain'].seconds):.2f} times 'plain'"
        elif row.name in OTHERS and ours:
            row.difference = None
            best = min(ours, key=lambda name: spread(ours[name].seconds)[0])
            row.note = '; '.join(
                f"'{n}' is {_ratio(seconds, ours[n].seconds):.2f} times as fast"
                for n in dict.fromkeys([n for n in ('plain', 'onnxruntime', best) if n in ours])
            )


def _ratio(seconds: list[float], others: list[float]) -> float:
    return spread([s / o for s, o in zip(seconds, others, strict=True)])[0]
